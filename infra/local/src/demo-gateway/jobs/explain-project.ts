import { lastCall, ofPath, say, use } from '../job.ts';
import type { DoneCall, Job } from '../job.ts';
import { isFailure } from '../tool-results.ts';

const PROJECT =
  /\b(?:explain|describe|summari[sz]e|tell me about|what does|what is)\b.*\b(?:this|the)\s+(?:project|folder|repo|repository|code ?base)\b/i;
const TOLD_BY = ['README.md', 'package.json'];

/** Says what a project is, drawn from its README, its package file and its files. */
export const explainProject: Job = {
  name: 'explain-project',
  next(prompt, done) {
    if (!PROJECT.test(prompt)) return undefined;
    const listed = lastCall(done, 'ListDirectory');
    if (listed === undefined) {
      return use("I'll look at how this project is laid out.", {
        name: 'ListDirectory',
        arguments: { path: '.', depth: 2 },
      });
    }
    const files = isFailure(listed.result) ? [] : listed.result.split('\n').filter((line) => line.trim() !== '');
    const unread = TOLD_BY.filter(
      (path) => files.includes(path) && lastCall(done, 'ReadFile', ofPath(path)) === undefined,
    );
    if (unread.length > 0) {
      return use(
        "I'll read what it says about itself.",
        ...unread.map((path) => ({ name: 'ReadFile', arguments: { path } })),
      );
    }
    const told = [aboutOf(readText(done, 'README.md')), packageFacts(readText(done, 'package.json'))].filter(
      (part) => part !== '',
    );
    const code = files.filter((line) => !line.endsWith('/') && !TOLD_BY.includes(line));
    if (code.length > 0)
      told.push(
        `Its files:\n\n${code
          .slice(0, 20)
          .map((path) => `- \`${path}\``)
          .join('\n')}`,
      );
    return say(told.length === 0 ? 'The folder is empty.' : told.join('\n\n'));
  },
};

function readText(done: readonly DoneCall[], path: string): string {
  const read = lastCall(done, 'ReadFile', ofPath(path));
  return read === undefined || isFailure(read.result) ? '' : read.result;
}

/** The title and the first paragraph of a README. */
function aboutOf(readme: string): string {
  const title = /^#\s+(.+)$/m.exec(readme)?.[1]?.trim();
  const paragraph = readme
    .split(/\n\s*\n/)
    .map((block) => block.trim())
    .find((block) => block !== '' && !/^(?:#|!\[|\[!|<|```|---)/.test(block));
  const text = paragraph?.replaceAll('\n', ' ').slice(0, 400) ?? '';
  return [title === undefined ? '' : `**${title}**`, text].filter((part) => part !== '').join(': ');
}

/** Name, description and scripts of a package file; nothing when it is none. */
function packageFacts(text: string): string {
  try {
    const { name, description, scripts } = JSON.parse(text) as {
      name?: unknown;
      description?: unknown;
      scripts?: Record<string, unknown>;
    };
    const commands = Object.keys(scripts ?? {}).map((script) => `\`npm run ${script}\``);
    return [
      typeof name === 'string' ? `The package is called \`${name}\`.` : '',
      typeof description === 'string' ? `${description.replace(/\.$/, '')}.` : '',
      commands.length === 0 ? '' : `It offers ${commands.join(', ')}.`,
    ]
      .filter((part) => part !== '')
      .join(' ');
  } catch {
    return '';
  }
}
