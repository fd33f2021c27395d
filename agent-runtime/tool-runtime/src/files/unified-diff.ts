import { linesOf } from './text.ts';

/** A unified diff with its counts. */
export interface FileDiff {
  readonly diff: string;
  readonly additions: number;
  readonly deletions: number;
}

const largeText = 2_000_000;
/** The comparison holds the event loop, so it gives up early. */
const diffTimeoutMs = 250;

/**
 * The unified diff of a file. `undefined` on one side means the file does not exist there.
 * Texts that differ too much to be compared in reasonable time are shown as wholly replaced.
 */
export async function unifiedDiff(
  shownPath: string,
  before: string | undefined,
  after: string | undefined,
): Promise<FileDiff> {
  if (before === after) return { diff: '', additions: 0, deletions: 0 };
  const names = [
    before === undefined ? '/dev/null' : `a/${shownPath}`,
    after === undefined ? '/dev/null' : `b/${shownPath}`,
  ] as const;
  if (before === undefined || after === undefined) return wholly(names, before ?? '', after ?? '');
  if (before.length + after.length > largeText) return wholly(names, before, after);
  const { structuredPatch, formatPatch } = await import('diff');
  const patch = structuredPatch(names[0], names[1], before, after, undefined, undefined, {
    context: 3,
    timeout: diffTimeoutMs,
  });
  if (patch === undefined) return wholly(names, before, after);
  const lines = patch.hunks.flatMap((hunk) => hunk.lines);
  const text = formatPatch(patch);
  return {
    diff: text.slice(text.indexOf('--- ')),
    additions: lines.filter((line) => line.startsWith('+')).length,
    deletions: lines.filter((line) => line.startsWith('-')).length,
  };
}

function wholly([oldName, newName]: readonly [string, string], before: string, after: string): FileDiff {
  const removed = linesOf(before);
  const added = linesOf(after);
  const range = (count: number): string => (count === 0 ? '0,0' : `1,${count}`);
  const body = [...removed.map((line) => marked('-', line)), ...added.map((line) => marked('+', line))].join('');
  const hunk =
    removed.length + added.length === 0 ? '' : `@@ -${range(removed.length)} +${range(added.length)} @@\n${body}`;
  return { diff: `--- ${oldName}\n+++ ${newName}\n${hunk}`, additions: added.length, deletions: removed.length };
}

function marked(sign: string, line: string): string {
  return line.endsWith('\n') ? sign + line : `${sign}${line}\n\\ No newline at end of file\n`;
}
