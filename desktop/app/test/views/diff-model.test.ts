import { describe, expect, it } from '@jest/globals';
import { createPatch } from 'diff';
import fc from 'fast-check';
import { changedWords, toDiffParts, toSplitRows } from '../../src/views/patch/diff-model.ts';
import type { DiffLine } from '../../src/views/patch/diff-model.ts';

const lines = (count: number): string => Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join('');

describe('toDiffParts', () => {
  it('numbers lines on both sides and marks the words that differ', () => {
    const parts = toDiffParts(createPatch('a.ts', 'one\nconst a = load(1);\n', 'one\nconst a = read(1);\n'));

    expect(parts).toEqual([
      { kind: 'context', text: 'one', oldNumber: 1, newNumber: 1, changed: [] },
      { kind: 'removed', text: 'const a = load(1);', oldNumber: 2, newNumber: null, changed: [{ start: 10, end: 14 }] },
      { kind: 'added', text: 'const a = read(1);', oldNumber: null, newNumber: 2, changed: [{ start: 10, end: 14 }] },
    ]);
  });

  it('says how many lines lie between two hunks', () => {
    const before = lines(40);
    const after = before.replace('line 2\n', 'second\n').replace('line 38\n', 'late\n');

    const folds = toDiffParts(createPatch('a', before, after, '', '', { context: 3 })).filter(
      (part) => part.kind === 'fold',
    );

    expect(folds).toEqual([{ kind: 'fold', id: 'gap:35', count: 29, lines: [] }]);
  });

  it('folds long context that the diff carries', () => {
    const before = lines(40);
    const parts = toDiffParts(
      createPatch('a', before, before.replace('line 20\n', 'middle\n'), '', '', { context: 100 }),
    );

    expect(
      parts
        .filter((part) => part.kind === 'fold')
        .map((fold) => fold.kind === 'fold' && [fold.count, fold.lines.length]),
    ).toEqual([
      [16, 16],
      [17, 17],
    ]);
  });

  it('is empty for text that is no diff', () => {
    expect(toDiffParts('')).toEqual([]);
    expect(toDiffParts('@@ nonsense @@\nx')).toEqual([]);
  });
});

describe('toSplitRows', () => {
  it('shows every line once on its side', () => {
    const kind = fc.constantFrom('context', 'added', 'removed');
    const given = fc
      .array(kind)
      .map((kinds) => kinds.map((value, index) => ({ kind: value, text: String(index) }) as DiffLine));
    fc.assert(
      fc.property(given, (all) => {
        const rows = toSplitRows(all);

        expect(rows.flatMap((row) => (row.left ? [row.left] : []))).toEqual(
          all.filter((line) => line.kind !== 'added'),
        );
        expect(rows.flatMap((row) => (row.right ? [row.right] : []))).toEqual(
          all.filter((line) => line.kind !== 'removed'),
        );
      }),
    );
  });
});

describe('changedWords', () => {
  it('marks nothing when the lines share no word', () => {
    expect(changedWords('alpha', 'beta')).toBeNull();
  });
});
