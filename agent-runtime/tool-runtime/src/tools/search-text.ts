import { closeSync, statSync } from 'node:fs';
import path from 'node:path';
import { StewardError } from '@steward/sdk';
import type { Tool, ToolCall, ToolContext } from './tool.ts';
import { optionalText, readDescription, textArg } from './tool.ts';
import { folderOf, projectOf, stoppedNote } from './list-directory.ts';
import { atAnyDepth, compileGlob } from '../files/glob.ts';
import { openForReading } from '../files/guarded-open.ts';
import { readAll } from '../files/read-bounded.ts';
import { displayPath } from '../files/resolve.ts';
import { compileSearch, type LineMatcher } from '../files/text-search.ts';
import { classify } from '../files/text.ts';
import { Breather, walk, type WalkReport } from '../files/walk.ts';
import { boundText } from '../output/bounded-output.ts';

const maxLineLength = 400;
const linesPerBreath = 2_000;

interface Findings {
  readonly lines: string[];
  more: number;
  skippedLarge: number;
  unreadable: number;
}

/** `SearchText`: lines that match a regular expression, as `path:line:text`. */
export const searchText: Tool = {
  name: 'SearchText',
  paths: (args) => [optionalText(args, 'path') ?? '.'],
  describe: (context, args) => {
    const folder = folderOf(context, args);
    const what = `${textArg(args, 'pattern')} in ${displayPath(folder, context.projectDir)}`;
    return Promise.resolve(
      readDescription('file_read', `Search for ${what}`, `Searched for ${what}`, { path: folder }),
    );
  },
  execute: async (context, call) => {
    const start = folderOf(context, call.args);
    const matcher = await compileSearch(textArg(call.args, 'pattern'), call.args['caseSensitive'] !== false);
    const report: WalkReport = { visited: 0, cut: false, unreadable: 0 };
    const findings: Findings = { lines: [], more: 0, skippedLarge: 0, unreadable: 0 };
    const breather = new Breather();
    for await (const file of filesToSearch(context, call, start, report)) {
      await searchFile(context, call, matcher, file, findings, breather);
    }
    findings.unreadable += report.unreadable;
    const body = findings.lines.length === 0 ? '[no line matches]' : findings.lines.join('\n');
    return {
      outputText: boundText(body, call.maxOutputBytes) + notesOf(findings, report, context, call),
      provenance: { source: 'repository_file', trust: 'untrusted', detail: displayPath(start, context.projectDir) },
    };
  },
};

async function* filesToSearch(
  context: ToolContext,
  call: ToolCall,
  start: string,
  report: WalkReport,
): AsyncGenerator<string> {
  const glob = optionalText(call.args, 'glob');
  const wanted =
    glob === undefined
      ? undefined
      : await compileGlob(atAnyDepth(glob), { ignoreCase: context.deps.platform !== 'linux' });
  const stats = statSync(start, { throwIfNoEntry: false });
  if (stats === undefined)
    throw new StewardError('FILE_NOT_FOUND', `${start} does not exist. Check the path, or list its folder first.`);
  if (!stats.isDirectory()) {
    yield start;
    return;
  }
  const options = {
    walls: call.options.walls,
    maxDepth: 100,
    maxEntries: context.limits.visitedEntries,
    signal: call.options.signal,
    ...projectOf(context),
  };
  for await (const entry of walk(start, options, report)) {
    if (entry.kind === 'file' && (wanted === undefined || wanted(entry.relative))) yield entry.path;
  }
}

async function searchFile(
  context: ToolContext,
  call: ToolCall,
  matcher: LineMatcher,
  file: string,
  findings: Findings,
  breather: Breather,
): Promise<void> {
  const bytes = readCandidate(context, call, file, findings);
  if (bytes === undefined || !matcher.mayMatch(bytes)) return;
  const content = classify(bytes);
  if (content.kind !== 'text') return;
  const shown = displayPath(file, context.projectDir);
  const lines = content.text.split('\n');
  for (let i = 0; i < lines.length; i++) {
    if (i % linesPerBreath === linesPerBreath - 1) {
      await breather.breathe();
      if (call.options.signal.aborted) return;
    }
    const line = (lines[i] ?? '').replace(/\r$/, '');
    if (!matcher.matches(line)) continue;
    if (findings.lines.length >= context.limits.resultLines) findings.more++;
    else
      findings.lines.push(
        `${shown}:${i + 1}:${line.length > maxLineLength ? `${line.slice(0, maxLineLength)}…` : line}`,
      );
  }
}

function readCandidate(context: ToolContext, call: ToolCall, file: string, findings: Findings): Buffer | undefined {
  try {
    const opened = openForReading(path.resolve(file), call.options.walls);
    try {
      const bytes =
        opened.stats.size > context.limits.searchedFileBytes
          ? undefined
          : readAll(opened.fd, opened.stats.size, context.limits.searchedFileBytes);
      if (bytes === undefined) findings.skippedLarge++;
      return bytes;
    } finally {
      closeSync(opened.fd);
    }
  } catch {
    // One file that vanished or may not be read must not end the search; the count says so.
    findings.unreadable++;
    return undefined;
  }
}

function notesOf(findings: Findings, report: WalkReport, context: ToolContext, call: ToolCall): string {
  const notes = [
    ...(findings.more > 0 ? [`${findings.more} more lines match; use a narrower pattern, path or glob`] : []),
    ...(report.cut ? [`stopped after ${context.limits.visitedEntries} entries`] : []),
    ...(findings.skippedLarge > 0 ? [`${findings.skippedLarge} large files were not searched`] : []),
    ...(findings.unreadable > 0 ? [`${findings.unreadable} files or folders could not be read`] : []),
    ...(call.options.signal.aborted ? [stoppedNote] : []),
  ];
  return notes.length === 0 ? '' : `\n[truncated: ${notes.join('; ')}]`;
}
