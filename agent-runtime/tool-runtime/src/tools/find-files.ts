import type { Tool } from './tool.ts';
import { optionalText, readDescription, textArg } from './tool.ts';
import { folderOf, projectOf, stoppedNote } from './list-directory.ts';
import { compileGlob } from '../files/glob.ts';
import { displayPath } from '../files/resolve.ts';
import { walk, type WalkReport } from '../files/walk.ts';
import { boundText } from '../output/bounded-output.ts';

/** `FindFiles`: files below a folder whose relative path matches a glob. */
export const findFiles: Tool = {
  name: 'FindFiles',
  paths: (args) => [optionalText(args, 'path') ?? '.'],
  describe: (context, args) => {
    const folder = folderOf(context, args);
    const what = `${textArg(args, 'pattern')} in ${displayPath(folder, context.projectDir)}`;
    return Promise.resolve(readDescription('file_read', `Find files ${what}`, `Found files ${what}`, { path: folder }));
  },
  execute: async (context, call) => {
    const folder = folderOf(context, call.args);
    const matches = await compileGlob(textArg(call.args, 'pattern'), { ignoreCase: context.deps.platform !== 'linux' });
    const report: WalkReport = { visited: 0, cut: false, unreadable: 0 };
    const found: string[] = [];
    let more = 0;
    for await (const entry of walk(
      folder,
      {
        walls: call.options.walls,
        maxDepth: 100,
        maxEntries: context.limits.visitedEntries,
        signal: call.options.signal,
        ...projectOf(context),
      },
      report,
    )) {
      if (entry.kind === 'folder' || entry.kind === 'other' || !matches(entry.relative)) continue;
      if (found.length < context.limits.resultLines) found.push(entry.relative);
      else more++;
    }
    // A depth-first walk sorts by segment; people and tests expect the order of the whole path.
    found.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    const notes = [
      ...(more > 0 ? [`${more} more files match; use a narrower pattern`] : []),
      ...(report.cut ? [`stopped after ${context.limits.visitedEntries} entries`] : []),
      ...(report.stopped === true ? [stoppedNote] : []),
      ...(report.unreadable > 0 ? [`${report.unreadable} folders could not be read`] : []),
    ];
    const body = found.length === 0 ? '[no file matches]' : found.join('\n');
    return {
      outputText:
        boundText(body, call.maxOutputBytes) + (notes.length === 0 ? '' : `\n[truncated: ${notes.join('; ')}]`),
      provenance: { source: 'repository_file', trust: 'untrusted', detail: displayPath(folder, context.projectDir) },
    };
  },
};
