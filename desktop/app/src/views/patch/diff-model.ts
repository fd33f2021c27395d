import { diffWordsWithSpace, parsePatch } from 'diff';
import type { Range } from '../../ui/tokens.ts';

/** One line of a diff with its place in both files. */
export interface DiffLine {
  readonly kind: 'context' | 'added' | 'removed';
  readonly text: string;
  readonly oldNumber: number | null;
  readonly newNumber: number | null;
  /** Stretches that differ from the paired line. */
  readonly changed: readonly Range[];
}

/** Unchanged lines that are not shown; lines is empty when the diff does not carry them. */
export interface DiffFold {
  readonly kind: 'fold';
  readonly id: string;
  readonly count: number;
  readonly lines: readonly DiffLine[];
}

/** A drawn part of a diff. */
export type DiffPart = DiffLine | DiffFold;

/** Unchanged lines kept around a change. */
const contextLines = 3;

/** Longest line whose words are compared. */
const longestWordLine = 2000;

/** Lines past which a diff is named, not drawn. */
export const hugeDiffLines = 5000;

/**
 * The parts of a unified diff of one file: changes with word-level marks, context, and folds where lines are left
 * out. Empty for a text that is not a diff.
 */
export function toDiffParts(diff: string): readonly DiffPart[] {
  const [file] = parseSafely(diff);
  const parts: DiffPart[] = [];
  let lastOld = 0;
  for (const hunk of file?.hunks ?? []) {
    const skipped = hunk.oldStart - lastOld - 1;
    if (skipped > 0) parts.push({ kind: 'fold', id: `gap:${hunk.oldStart}`, count: skipped, lines: [] });
    parts.push(...foldContext(numberLines(hunk)));
    lastOld = hunk.oldStart + hunk.oldLines - 1;
  }
  return parts;
}

/** Rows for side by side: what was left, what is right; a missing side is null. */
export interface SplitRow {
  readonly left: DiffLine | null;
  readonly right: DiffLine | null;
}

/** Pairs removed lines with the added ones that follow them. Context stands on both sides. */
export function toSplitRows(lines: readonly DiffLine[]): readonly SplitRow[] {
  const rows: SplitRow[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    if (line?.kind === 'context') {
      rows.push({ left: line, right: line });
      at += 1;
      continue;
    }
    const removed = runOf(lines, at, 'removed');
    const added = runOf(lines, at + removed.length, 'added');
    for (let index = 0; index < Math.max(removed.length, added.length); index += 1)
      rows.push({ left: removed[index] ?? null, right: added[index] ?? null });
    at += removed.length + added.length;
  }
  return rows;
}

interface Hunk {
  readonly oldStart: number;
  readonly newStart: number;
  readonly lines: readonly string[];
}

function numberLines(hunk: Hunk): readonly DiffLine[] {
  let oldNumber = hunk.oldStart;
  let newNumber = hunk.newStart;
  const lines = hunk.lines.flatMap((raw): DiffLine[] => {
    const value = raw.slice(1);
    if (raw.startsWith('\\')) return [];
    if (raw.startsWith('+'))
      return [{ kind: 'added', text: value, oldNumber: null, newNumber: newNumber++, changed: [] }];
    if (raw.startsWith('-'))
      return [{ kind: 'removed', text: value, oldNumber: oldNumber++, newNumber: null, changed: [] }];
    return [{ kind: 'context', text: value, oldNumber: oldNumber++, newNumber: newNumber++, changed: [] }];
  });
  return markWords(lines);
}

function markWords(lines: readonly DiffLine[]): readonly DiffLine[] {
  const marked = lines.slice();
  for (let at = 0; at < lines.length;) {
    const removed = runOf(lines, at, 'removed');
    const added = runOf(lines, at + removed.length, 'added');
    // Words are compared only where lines pair one to one; elsewhere the pairs would be guesses.
    if (removed.length > 0 && removed.length === added.length) {
      removed.forEach((line, index) => {
        const other = added[index];
        const ranges = other ? changedWords(line.text, other.text) : null;
        if (!ranges || !other) return;
        marked[at + index] = { ...line, changed: ranges.removed };
        marked[at + removed.length + index] = { ...other, changed: ranges.added };
      });
    }
    at += Math.max(1, removed.length + added.length);
  }
  return marked;
}

/** Which stretches of two versions of a line differ; null when they share too little to compare. */
export function changedWords(
  before: string,
  after: string,
): { readonly removed: readonly Range[]; readonly added: readonly Range[] } | null {
  if (before.length > longestWordLine || after.length > longestWordLine) return null;
  const removed: Range[] = [];
  const added: Range[] = [];
  let oldAt = 0;
  let newAt = 0;
  let shared = 0;
  for (const change of diffWordsWithSpace(before, after)) {
    const length = change.value.length;
    if (change.added) added.push({ start: newAt, end: newAt + length });
    else if (change.removed) removed.push({ start: oldAt, end: oldAt + length });
    else shared += change.value.trim().length;
    if (!change.added) oldAt += length;
    if (!change.removed) newAt += length;
  }
  return shared === 0 ? null : { removed, added };
}

function foldContext(lines: readonly DiffLine[]): readonly DiffPart[] {
  const parts: DiffPart[] = [];
  for (let at = 0; at < lines.length;) {
    const run = runOf(lines, at, 'context');
    const first = run[0];
    if (!first) {
      const line = lines[at];
      if (line) parts.push(line);
      at += 1;
      continue;
    }
    const head = at === 0 ? 0 : contextLines;
    const tail = at + run.length === lines.length ? 0 : contextLines;
    const hidden = run.length - head - tail;
    if (hidden < 4) parts.push(...run);
    else
      parts.push(
        ...run.slice(0, head),
        { kind: 'fold', id: `fold:${first.newNumber}`, count: hidden, lines: run.slice(head, head + hidden) },
        ...run.slice(head + hidden),
      );
    at += run.length;
  }
  return parts;
}

function runOf(lines: readonly DiffLine[], from: number, kind: DiffLine['kind']): readonly DiffLine[] {
  let to = from;
  while (lines[to]?.kind === kind) to += 1;
  return lines.slice(from, to);
}

function parseSafely(diff: string): ReturnType<typeof parsePatch> {
  try {
    return parsePatch(diff);
  } catch {
    return [];
  }
}
