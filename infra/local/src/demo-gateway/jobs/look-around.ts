import { lastCall, say, use } from '../job.ts';
import type { Job } from '../job.ts';
import { isFailure, parseMatches, reasonOf } from '../tool-results.ts';

const LIST =
  /\b(?:list|show)\b.*\b(?:files|folder|directory)\b|\bwhat(?:'s| is| are)\b.*\b(?:in|inside)\b.*\b(?:folder|directory|project|repo|repository|workspace)\b|\bwhich files\b|\bls\b/i;
const SEARCH =
  /\b(?:search(?:\s+(?:the\s+)?(?:files|folder|project|code))?\s+for|find(?:\s+all)?(?:\s+(?:uses|usages|places|mentions)\s+of)?|grep(?:\s+for)?|look\s+for|where\s+is)\s+(?:the\s+)?(?:text\s+|word\s+|string\s+|function\s+)?(?:"([^"]+)"|'([^']+)'|`([^`]+)`|([\w$.-]+))/i;

/** Lists the folder. */
export const listFolder: Job = {
  name: 'list-folder',
  next(prompt, done) {
    if (!LIST.test(prompt)) return undefined;
    const listed = lastCall(done, 'ListDirectory');
    if (listed === undefined)
      return use("I'll look into the folder.", { name: 'ListDirectory', arguments: { path: '.', depth: 2 } });
    if (isFailure(listed.result)) return say(`I could not list the folder: ${reasonOf(listed.result)}.`);
    const lines = listed.result.split('\n').filter((line) => line.trim() !== '');
    return say(
      `The folder holds:\n\n\`\`\`\n${lines.slice(0, 60).join('\n')}\n\`\`\`${rest(lines.length - 60, 'line')}`,
    );
  },
};

/** Searches the folder for a text. */
export const searchText: Job = {
  name: 'search-text',
  next(prompt, done) {
    const match = SEARCH.exec(prompt);
    if (match === null) return undefined;
    const text = match[1] ?? match[2] ?? match[3] ?? match[4] ?? '';
    const found = lastCall(done, 'SearchText');
    if (found === undefined) {
      return use(`I'll search for \`${text}\`.`, { name: 'SearchText', arguments: { pattern: text, path: '.' } });
    }
    if (isFailure(found.result)) return say(`I could not search: ${reasonOf(found.result)}.`);
    const matches = parseMatches(found.result);
    if (matches.length === 0) return say(`\`${text}\` does not appear in this folder.`);
    const files = new Set(matches.map((entry) => entry.path)).size;
    const shown = matches
      .slice(0, 20)
      .map((entry) => `- \`${entry.path}:${entry.line}\` ${entry.text.trim().slice(0, 120)}`);
    return say(
      `\`${text}\` appears in ${matches.length} line${matches.length === 1 ? '' : 's'} of ${files} file${files === 1 ? '' : 's'}:\n\n${shown.join('\n')}${rest(matches.length - 20, 'match')}`,
    );
  },
};

function rest(more: number, noun: string): string {
  return more > 0 ? `\n\n… and ${more} more ${noun === 'match' ? 'matches' : `${noun}s`}.` : '';
}
