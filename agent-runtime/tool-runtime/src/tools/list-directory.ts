import type { Tool, ToolContext } from './tool.ts';
import { optionalText, readDescription } from './tool.ts';
import { pathBase } from './read-file.ts';
import { absolutePath, displayPath, realPathOf } from '../files/resolve.ts';
import { walk, type WalkReport } from '../files/walk.ts';
import { boundText } from '../output/bounded-output.ts';

/** `ListDirectory`: sorted names, folders with a slash, links with their target. */
export const listDirectory: Tool = {
  name: 'ListDirectory',
  paths: (args) => [optionalText(args, 'path') ?? '.'],
  describe: (context, args) => {
    const real = folderOf(context, args);
    const shown = displayPath(real, context.projectDir);
    return Promise.resolve(readDescription('file_read', `List ${shown}`, `Listed ${shown}`, { path: real }));
  },
  execute: async (context, call) => {
    const folder = folderOf(context, call.args);
    const report: WalkReport = { visited: 0, cut: false, unreadable: 0 };
    const lines: string[] = [];
    const maxDepth = typeof call.args['depth'] === 'number' ? call.args['depth'] : 1;
    for await (const entry of walk(
      folder,
      {
        walls: call.options.walls,
        maxDepth,
        maxEntries: context.limits.resultLines,
        signal: call.options.signal,
        ...projectOf(context),
      },
      report,
    )) {
      const mark = entry.kind === 'folder' ? '/' : entry.kind === 'link' ? ` -> ${entry.linkTarget ?? '?'}` : '';
      lines.push(entry.relative + mark);
    }
    const body = lines.length === 0 ? '[empty folder, or everything in it is ignored]' : lines.join('\n');
    return {
      outputText: boundText(body, call.maxOutputBytes) + trailer(report, context.limits.resultLines),
      provenance: { source: 'repository_file', trust: 'untrusted', detail: displayPath(folder, context.projectDir) },
    };
  },
};

/** The folder that a read tool starts in; the project folder by default. */
export function folderOf(context: ToolContext, args: Record<string, unknown>): string {
  return realPathOf(absolutePath(optionalText(args, 'path') ?? '.', pathBase(context)));
}

/** The project folder as an optional property. */
export function projectOf(context: ToolContext): { projectDir?: string } {
  return context.projectDir === undefined ? {} : { projectDir: context.projectDir };
}

/** Why a listing or search ends early, in words. */
export const stoppedNote = 'stopped before the end: cancelled, or longer than 30 s; name a smaller folder';

/** What a listing leaves out, in words; empty when nothing. */
export function trailer(report: WalkReport, shown: number): string {
  const notes: string[] = [];
  if (report.cut) notes.push(`stopped after ${shown} entries; name a smaller folder`);
  if (report.unreadable > 0) notes.push(`${report.unreadable} folders could not be read`);
  if (report.stopped === true) notes.push(stoppedNote);
  return notes.length === 0 ? '' : `\n[truncated: ${notes.join('; ')}]`;
}
