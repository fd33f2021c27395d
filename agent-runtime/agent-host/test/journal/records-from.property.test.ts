import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeRecord, scanRecords } from '../../src/journal/record-codec.ts';
import type { RawRecord } from '../../src/journal/record-codec.ts';
import { recordsFrom } from '../../src/journal/records-from.ts';

const contents = fc.array(fc.oneof(fc.nat({ max: 200 }), fc.constant(300_000)), { maxLength: 12 });
const fileOf = (sizes: readonly number[]): Buffer =>
  Buffer.concat(sizes.map((size, number) => encodeRecord(number, 'event', JSON.stringify('x'.repeat(size)))));
const within = (file: Buffer) => (position: number, length: number) => file.subarray(position, position + length);

describe('records that are read in blocks', () => {
  it('are those of the whole file, also when one is longer than a block and the end is not known', () => {
    fc.assert(
      fc.property(contents, fc.boolean(), (sizes, known) => {
        const file = fileOf(sizes);
        const all: RawRecord[] = [];
        scanRecords(file, (record) => void all.push(record));

        const found = [...recordsFrom(within(file), 0, known ? file.length : Number.MAX_SAFE_INTEGER)];

        expect(found).toEqual(all);
        for (const { offset } of all.slice(0, 3))
          expect([...recordsFrom(within(file), offset, file.length)]).toEqual(
            all.filter((record) => record.offset >= offset),
          );
      }),
      { numRuns: 40 },
    );
  });

  it('end at the first that is not as it was written', () => {
    fc.assert(
      fc.property(contents, fc.nat(), fc.integer({ min: 1, max: 255 }), (sizes, at, mask) => {
        const file = fileOf([...sizes, 5]);
        const all: RawRecord[] = [];
        scanRecords(file, (record) => void all.push(record));
        const place = at % file.length;
        file[place]! ^= mask;

        const found = [...recordsFrom(within(file), 0, file.length)];

        const whole = all.filter(({ end }) => end <= place);
        expect(found.slice(0, whole.length)).toEqual(whole);
        // A newline only separates: without it the record before it still counts.
        for (const record of found.slice(whole.length)) expect(all.map(({ json }) => json)).toContain(record.json);
      }),
      { numRuns: 40 },
    );
  });
});
