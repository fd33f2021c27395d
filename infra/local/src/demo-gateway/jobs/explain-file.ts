import { describeSource } from '../describe-source.ts';
import { lastCall, ofPath, say, use } from '../job.ts';
import type { Job } from '../job.ts';
import { isFailure, isTruncated, parsePaths, reasonOf } from '../tool-results.ts';

const VERB =
  /\b(?:explain|describe|summari[sz]e|walk me through|what does|what is in|what's in|how does|tell me about)\b/i;
const PATH =
  /(?:^|[\s`'"@(])((?:[\w@.-]+[\\/])*[\w@-][\w@.-]*\.[A-Za-z][A-Za-z0-9]{0,7})(?=$|[\s`'"),;:?!]|\.(?:\s|$))/;

/** Reads one file and says what it contains, drawn from its real content. */
export const explainFile: Job = {
  name: 'explain-file',
  next(prompt, done) {
    const path = VERB.test(prompt) ? PATH.exec(prompt)?.[1] : undefined;
    if (path === undefined) return undefined;

    const read = lastCall(done, 'ReadFile');
    if (read === undefined) return use(`I'll read \`${path}\`.`, { name: 'ReadFile', arguments: { path } });
    if (!isFailure(read.result)) {
      return say(describeSource(String(read.arguments['path']), read.result, isTruncated(read.result)));
    }

    const name = path.split(/[\\/]/).at(-1) ?? path;
    const found = lastCall(done, 'FindFiles');
    if (found === undefined) {
      return use(`There is no \`${path}\` that I can read. I'll look for a file of that name.`, {
        name: 'FindFiles',
        arguments: { pattern: `**/${name}` },
      });
    }
    const other = isFailure(found.result)
      ? undefined
      : parsePaths(found.result).find(
          (candidate) => candidate.endsWith(name) && lastCall(done, 'ReadFile', ofPath(candidate)) === undefined,
        );
    if (other !== undefined)
      return use(`I'll read \`${other}\` instead.`, { name: 'ReadFile', arguments: { path: other } });
    return say(
      `I could not read \`${path}\`: ${reasonOf(read.result)}. Check the name, or ask me what is in this folder.`,
    );
  },
};
