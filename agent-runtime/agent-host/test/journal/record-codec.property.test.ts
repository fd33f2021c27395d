import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeRecord, scanRecords } from '../../src/journal/record-codec.ts';

const contents = fc.array(fc.record({ text: fc.string({ unit: 'grapheme', maxLength: 60 }), number: fc.integer() }), {
  minLength: 1,
  maxLength: 12,
});

function journalOf(values: readonly object[]): { data: Buffer; ends: number[] } {
  const lines = values.map((value, index) => encodeRecord(index, 'event', JSON.stringify(value)));
  const ends = lines.map((_, index) => lines.slice(0, index + 1).reduce((sum, line) => sum + line.length, 0));
  return { data: Buffer.concat(lines), ends };
}

function scan(data: Buffer): { values: unknown[]; state: string; validLength: number } {
  const values: unknown[] = [];
  const { state, validLength } = scanRecords(data, (record) => void values.push(JSON.parse(record.json)));
  return { values, state, validLength };
}

describe('a journal read back', () => {
  it('gives every record that was written, in order', () => {
    fc.assert(
      fc.property(contents, (values) => {
        expect(scan(journalOf(values).data)).toEqual({
          values,
          state: 'clean',
          validLength: journalOf(values).data.length,
        });
      }),
    );
  });

  it('gives the whole records before any cut, and calls the cut torn', () => {
    fc.assert(
      fc.property(contents, fc.nat(), (values, seed) => {
        const { data, ends } = journalOf(values);
        const cut = seed % (data.length + 1);
        const whole = ends.filter((end) => end <= cut).length;

        const { values: found, state } = scan(data.subarray(0, cut));

        expect(found).toEqual(values.slice(0, whole));
        expect(state).toBe(cut === 0 || ends.includes(cut) ? 'clean' : 'torn');
      }),
    );
  });

  it('never gives a record that was not written when one byte is flipped, and says that something is wrong', () => {
    fc.assert(
      fc.property(contents, fc.nat(), fc.integer({ min: 1, max: 255 }), (values, seed, mask) => {
        const { data, ends } = journalOf(values);
        const at = seed % data.length;
        const flipped = Buffer.from(data);
        flipped[at] = flipped[at]! ^ mask;
        const broken = ends.findIndex((end) => at < end);

        const { values: found, state } = scan(flipped);

        expect(found).toEqual(values.slice(0, broken));
        expect(state).not.toBe('clean');
        if (broken < values.length - 1) expect(state).toBe('damaged');
      }),
    );
  });

  it('takes blocks of zeros at the end for a write that did not finish', () => {
    fc.assert(
      fc.property(contents, fc.integer({ min: 1, max: 5000 }), (values, zeros) => {
        const { data } = journalOf(values);

        expect(scan(Buffer.concat([data, Buffer.alloc(zeros)]))).toEqual({
          values,
          state: 'torn',
          validLength: data.length,
        });
      }),
    );
  });

  it('notices a record that is missing, repeated or out of place', () => {
    fc.assert(
      fc.property(contents, fc.nat(), (values, seed) => {
        const lines = values.map((value, index) => encodeRecord(index, 'event', JSON.stringify(value)));
        const at = seed % lines.length;
        const repeated = [...lines.slice(0, at + 1), ...lines.slice(at)];
        const missing = [...lines.slice(0, at), ...lines.slice(at + 1)];

        expect(scan(Buffer.concat(repeated)).state).toBe('damaged');
        if (at < lines.length - 1) expect(scan(Buffer.concat(missing)).state).toBe('damaged');
      }),
    );
  });
});
