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

function scan(data: Buffer): { values: unknown[]; state: string; validLength: number; repairs: readonly number[] } {
  const values: unknown[] = [];
  const { state, validLength, repairs } = scanRecords(data, (record) => void values.push(JSON.parse(record.json)));
  return { values, state, validLength, repairs };
}

describe('a journal read back', () => {
  it('gives every record that was written, in order', () => {
    fc.assert(
      fc.property(contents, (values) => {
        expect(scan(journalOf(values).data)).toEqual({
          values,
          state: 'clean',
          validLength: journalOf(values).data.length,
          repairs: [],
        });
      }),
    );
  });

  it('gives the whole records before any cut, and calls a cut inside a record torn', () => {
    fc.assert(
      fc.property(contents, fc.nat(), (values, seed) => {
        const { data, ends } = journalOf(values);
        const cut = seed % (data.length + 1);
        // A record is whole without the newline that separates it from the next one.
        const whole = ends.filter((end) => end - 1 <= cut).length;

        const { values: found, state } = scan(data.subarray(0, cut));

        expect(found).toEqual(values.slice(0, whole));
        expect(state).toBe(cut === 0 || ends.includes(cut) || ends.includes(cut + 1) ? 'clean' : 'torn');
      }),
    );
  });

  it('loses nothing to one changed byte in a separator, says where it is, and calls any other one damage', () => {
    fc.assert(
      fc.property(contents, fc.nat(), fc.integer({ min: 1, max: 255 }), (values, seed, mask) => {
        const { data, ends } = journalOf(values);
        const at = seed % data.length;
        const flipped = Buffer.from(data);
        flipped[at] = flipped[at]! ^ mask;
        const broken = ends.findIndex((end) => at < end);
        const isSeparator = ends.includes(at + 1);

        const { values: found, state, repairs } = scan(flipped);

        expect({ found, state, repairs }).toEqual(
          isSeparator
            ? { found: values, state: 'clean', repairs: [at] }
            : { found: values.slice(0, broken), state: 'damaged', repairs: [] },
        );
      }),
    );
  });

  it('calls every single changed bit of the last record damage, wherever the file ends', () => {
    const { data, ends } = journalOf([{ text: 'x'.repeat(460) }, { text: 'y'.repeat(600) }]);
    const states = new Set<string>();
    for (let at = ends[0]!; at < data.length - 1; at += 1)
      for (let bit = 1; bit < 256; bit *= 2) {
        const flipped = Buffer.from(data);
        flipped[at] = flipped[at]! ^ bit;
        states.add(scan(flipped).state);
      }

    expect([...states]).toEqual(['damaged']);
  });

  it('takes blocks of zeros at the end for a write that did not finish', () => {
    fc.assert(
      fc.property(contents, fc.integer({ min: 1, max: 5000 }), (values, zeros) => {
        const { data } = journalOf(values);

        expect(scan(Buffer.concat([data, Buffer.alloc(zeros)]))).toEqual({
          values,
          state: 'torn',
          validLength: data.length,
          repairs: [],
        });
      }),
    );
  });

  it('takes a sector that was not written in the middle of the last write for torn', () => {
    const { data } = journalOf([{ text: 'x'.repeat(3000) }]);
    const holed = Buffer.from(data).fill(0, 512, 1024);

    expect(scan(holed)).toEqual({ values: [], state: 'torn', validLength: 0, repairs: [] });
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
