import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compositeKey, decodeCursor, encodeCursor, pageOf } from '../../src/index.ts';
import type { Page } from '../../src/index.ts';

const ascending = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

describe('pageOf', () => {
  it('gives every item exactly once, in order, whatever the limit', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 })), fc.integer({ min: 1, max: 5 }), (keys, limit) => {
        const items = [...keys].sort(ascending);
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page: Page<string> = pageOf(
            items,
            { limit, ...(cursor === undefined ? {} : { cursor }) },
            (item) => item,
            ascending,
          );
          seen.push(...page.items);
          cursor = page.nextCursor;
        } while (cursor !== undefined);
        expect(seen).toEqual(items);
      }),
    );
  });
});

it.each([{ id: 'a' }, { key: 1 }])('pageOf refuses the cursor of another list, %j', (position) => {
  const page = () => pageOf(['a'], { cursor: encodeCursor(position) }, (item) => item, ascending);

  expect(page).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
});

describe('decodeCursor', () => {
  it('refuses whatever was never a cursor', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          decodeCursor(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'INVALID_REQUEST' });
        }
      }),
    );
    expect(() => decodeCursor(Buffer.from('[1]').toString('base64url'))).toThrow(/cursor/);
  });
});

describe('compositeKey', () => {
  it('never joins different parts to the same key', () => {
    const part = fc.string({ unit: fc.constantFrom('a', '#', '%', '2', '3') });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), fc.array(part, { minLength: 1 }), (a, b) => {
        expect(compositeKey(...a) === compositeKey(...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });
});
