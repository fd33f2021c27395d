import { describe, expect, it } from '@jest/globals';
import { marshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { attributesOf, itemOf } from '../../src/storage/attributes.ts';

/** What every object has without saying so, and what the store calls its types. */
const telling = ['constructor', '__proto__', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'then', 'name'];
const types = ['S', 'N', 'BOOL', 'NULL', 'L', 'M', 'B', 'SS'];

function rows(name: fc.Arbitrary<string>): fc.Arbitrary<Record<string, unknown>> {
  const { any } = fc.letrec((tie) => ({
    any: fc.oneof(
      fc.string(),
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.constant(null),
      fc.uint8Array({ maxLength: 4 }),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(name, tie('any'), { maxKeys: 3 }),
    ),
  }));
  return fc.dictionary(name, any, { maxKeys: 6 });
}

const anyName = fc.oneof(fc.constantFrom(...telling, ...types), fc.string({ minLength: 1 }));
const plainName = fc.string({ minLength: 1 }).filter((name) => !telling.includes(name));

describe('a row', () => {
  it('comes back from the store’s types as it was, whatever its members are called', () => {
    fc.assert(
      fc.property(rows(anyName), (item) => {
        const back = itemOf(attributesOf(item));

        expect(back).toEqual(item);
        expect(JSON.stringify(back)).toBe(JSON.stringify(item));
      }),
    );
  });

  it('has the types that the SDK gives it', () => {
    fc.assert(
      fc.property(rows(plainName), (item) => {
        expect(attributesOf(item)).toEqual(marshall(item));
      }),
    );
  });

  it('leaves out what is undefined', () => {
    expect(attributesOf({ a: 'x', b: undefined, c: { d: undefined }, e: [undefined, 1] })).toEqual({
      a: { S: 'x' },
      c: { M: {} },
      e: { L: [{ N: '1' }] },
    });
  });

  it.each<[string, unknown]>([
    ['a date', new Date(0)],
    ['a set', new Set(['x'])],
    ['a function', () => 'x'],
    ['an object of a class', new URL('https://steward.test')],
    ['a big integer', 1n],
    ['a number that is none', NaN],
    ['an endless number', -Infinity],
    ['an integer that is not exact', 2 ** 53],
  ])('refuses %s by the name of its attribute', (_name, value) => {
    expect(() => attributesOf({ owner: [{ since: value }] })).toThrow(/ since\b/);
  });

  it('refuses a type of the store that it never writes', () => {
    expect(() => itemOf({ owners: { SS: ['x'] } })).toThrow('owners has a type that no row is written with: SS.');
  });
});
