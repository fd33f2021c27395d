import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { slicesOf } from '../../src/simulations/time-slices.ts';

const time = fc.integer({ min: 0, max: 4_000_000_000_000 });

describe('slices of a time span', () => {
  it('hold every millisecond once, newest first, and are no more than asked for', () => {
    fc.assert(
      fc.property(
        time,
        fc.integer({ min: 0, max: 100_000_000 }),
        fc.integer({ min: 1, max: 40 }),
        (start, ms, most) => {
          const span = { from: new Date(start).toISOString(), to: new Date(start + ms).toISOString() };

          const slices = slicesOf(span, most);

          expect(slices.length).toBeLessThanOrEqual(most);
          expect(slices[0]!.to).toBe(span.to);
          expect(slices.at(-1)!.from).toBe(span.from);
          for (const [at, { from, to }] of slices.entries()) {
            expect(from <= to).toBe(true);
            const older = slices[at + 1];
            if (older !== undefined) expect(Date.parse(from) - Date.parse(older.to)).toBe(1);
          }
        },
      ),
    );
  });
});
