import type { PolicyFacts } from '@steward/contracts';
import { platformOf } from '../paths.ts';
import { analyseArgv } from './argv.ts';
import { settleLinks } from './links.ts';
import { addProblem, limits, type CommandReport, type Walk } from './report.ts';
import { walkText } from './walk.ts';
import { analyseWindowsCommand } from './windows.ts';

// Characters that a person who approves the command can't see
const hidden =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u115f\u1160\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb]|[\u{e0000}-\u{e007f}]|\u17b4|\u17b5|\p{Surrogate}/u;

/**
 * Takes a command text apart into the programs it starts, the files it names and what can't be known.
 * Total and linear in the length of the text; texts that are too long or nested too deeply are reported as such.
 */
export function analyseCommand(
  command: string,
  facts: PolicyFacts,
  cwd: string | undefined,
  stdin: string | undefined,
): CommandReport {
  const report: CommandReport = { commands: [], effects: [], urls: [], scripts: [], problems: [] };
  const walk: Walk = {
    report,
    facts,
    folders: cwd === undefined ? [] : [cwd],
    functions: new Set(),
    variables: new Map(),
    rounds: 100,
    depth: 0,
    wrapping: 0,
    repeated: false,
    tree: false,
    feeds: false,
    runText: (text, input) => walkText(text, walk, input),
    runWords: (tokens, context) => {
      if (walk.wrapping >= limits.wrapping)
        return addProblem(walk, { code: 'COMMAND_TOO_COMPLEX', subject: 'the command' });
      walk.wrapping++;
      analyseArgv(tokens, walk, context);
      walk.wrapping--;
    },
  };
  if (hidden.test(command)) addProblem(walk, { code: 'COMMAND_HIDDEN_CHARACTERS', subject: 'the command' });
  if (platformOf(facts) === 'win32') {
    analyseWindowsCommand(command, walk);
    return report;
  }
  if (isTooComplex(command)) {
    addProblem(walk, { code: 'COMMAND_TOO_COMPLEX', subject: 'the command' });
    return report;
  }
  try {
    walkText(command, walk, stdin === undefined ? undefined : { kind: 'text', text: stdin });
  } catch {
    addProblem(walk, { code: 'COMMAND_UNPARSEABLE', subject: 'the command' });
  }
  checkOwnScripts(walk);
  settleLinks(walk);
  return report;
}

/** A file that the command writes itself and then runs holds code that nobody has judged. */
function checkOwnScripts(walk: Walk): void {
  const { scripts, effects } = walk.report;
  if (scripts.length === 0) return;
  const plainName = (name: string): string => name.replace(/^(?:\.\/)+/, '');
  const run = new Set(scripts.map(plainName));
  const written = effects.find(
    (effect) => effect.capability === 'File.Write' && (run.has(plainName(effect.token.value)) || effect.token.glob),
  );
  if (written !== undefined)
    addProblem(walk, {
      code: 'COMMAND_INLINE_CODE',
      subject: `${written.token.value} is written and run`.slice(0, 200),
    });
}

/** The parser reads nested text once per level, so depth times length bounds the work. */
export function isTooComplex(command: string): boolean {
  if (command.length > limits.length) return true;
  let open = 0;
  let deepest = 1;
  let hereDocs = 0;
  for (let i = 0; i < command.length; i++) {
    const character = command[i];
    if (character === '(' || character === '{') deepest = Math.max(deepest, ++open);
    else if (character === ')' || character === '}') open = Math.max(0, open - 1);
    else if (character === '<' && command[i + 1] === '<') hereDocs++;
  }
  return deepest > limits.nesting || hereDocs > limits.hereDocs || deepest * command.length > limits.nestingWork;
}

/** Loads and warms the shell parser, so that the first decision is not slower than the others. */
export async function preloadCommandParser(): Promise<void> {
  await Promise.resolve();
  analyseCommand('true && true', {}, '/', undefined);
}
