import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inspectJournal } from '../../src/journal/inspect-journal.ts';
import type { InspectedRecord } from '../../src/journal/inspect-journal.ts';

const golden = readFileSync(join(fileURLToPath(import.meta.url), '..', '..', 'golden', 'journal-v1.journal'));

describe('the inspector of a journal', () => {
  it('verifies a whole one and counts what it holds', () => {
    const { byKind, ...report } = inspectJournal(golden);

    expect(report).toMatchObject({ state: 'whole', format: 1, problems: [], validBytes: golden.length });
    expect(Object.values(byKind).reduce((sum, count) => sum + count, 0)).toBe(report.records);
  });

  it('shows no text of people, models and files unless it is asked to', () => {
    const shown: InspectedRecord[] = [];
    const full: InspectedRecord[] = [];

    inspectJournal(golden, (record) => void shown.push(record));
    inspectJournal(golden, (record) => void full.push(record), true);

    expect(JSON.stringify(full)).toContain('Write the golden file');
    expect(JSON.stringify(shown)).not.toMatch(/golden(?!-model)|alice|ünïcode/);
    expect(shown.map(({ kind }) => kind)).toEqual(full.map(({ kind }) => kind));
  });

  it('says of any prefix and any changed byte that it is not whole, or nothing was lost', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean(), (seed, mask, cut) => {
        const at = seed % golden.length;
        const changed = cut ? golden.subarray(0, at) : Buffer.from(golden);
        if (!cut) changed[at] = changed[at]! ^ mask;

        const { state, records } = inspectJournal(changed);

        if (state === 'whole') expect(golden.subarray(0, changed.length).equals(changed)).toBe(true);
        else expect(['torn', 'damaged']).toContain(state);
        expect(records).toBeLessThanOrEqual(inspectJournal(golden).records);
      }),
    );
  });
});
