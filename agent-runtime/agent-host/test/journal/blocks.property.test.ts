import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Blocks } from '../../src/journal/blocks.ts';
import { encodeRecord, recordLine } from '../../src/journal/record-codec.ts';

describe('blocks of memory', () => {
  it('hand on every byte once and in order, whatever the sizes of the parts', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), fc.integer({ min: 1, max: 32 }), (parts, size) => {
        const handedOn: Buffer[] = [];
        const blocks = new Blocks((data) => void handedOn.push(Buffer.from(data)), size);

        for (const part of parts) blocks.add(part.length, (place) => void place.set(part));
        blocks.end();

        expect(Buffer.concat(handedOn)).toEqual(Buffer.concat(parts));
        expect(handedOn.every(({ length }) => length > 0)).toBe(true);
      }),
    );
  });

  it('hold the same lines of a journal as the ones that are encoded one by one', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 50 })), (texts) => {
        const handedOn: Buffer[] = [];
        const blocks = new Blocks((data) => void handedOn.push(Buffer.from(data)), 64);

        texts.forEach((text, number) => {
          const { length, fill } = recordLine(number, 'event', JSON.stringify(text));
          blocks.add(length, fill);
        });
        blocks.end();

        const lines = texts.map((text, number) => encodeRecord(number, 'event', JSON.stringify(text)));
        expect(Buffer.concat(handedOn)).toEqual(Buffer.concat(lines));
      }),
    );
  });
});
