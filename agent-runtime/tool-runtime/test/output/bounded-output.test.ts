import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BoundedOutput, boundText } from '../../src/output/bounded-output.ts';

describe('BoundedOutput', () => {
  it('keeps the first 80 % and the last 20 % and says what is left out', () => {
    expect(boundText('a'.repeat(80) + 'b'.repeat(900) + 'c'.repeat(20), 100)).toBe(
      `${'a'.repeat(80)}\n[… 900 of 1000 bytes left out …]\n${'c'.repeat(20)}`,
    );
  });

  it('is the same however the bytes arrive, and never cuts a character', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 300 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        fc.integer({ min: 10, max: 200 }),
        (text, sizes, bound) => {
          const bytes = Buffer.from(text, 'utf8');
          const output = new BoundedOutput(bound);
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const size = sizes[i % sizes.length] ?? 1;
            output.push(bytes.subarray(at, at + size));
            at += size;
          }
          expect(output.text()).toBe(boundText(bytes.toString('utf8'), bound));
          expect(output.text()).not.toContain('\ufffd');
          if (bytes.length <= bound) expect(output.text()).toBe(bytes.toString('utf8'));
        },
      ),
    );
  });
});
