import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readRange } from '../../src/artifacts/byte-range.ts';

describe('readRange', () => {
  it.each([
    [undefined, 10, 'whole'],
    ['bytes=0-4', 10, { start: 0, end: 4 }],
    ['bytes=4-', 10, { start: 4, end: 9 }],
    ['bytes=-3', 10, { start: 7, end: 9 }],
    ['bytes=-30', 10, { start: 0, end: 9 }],
    ['bytes=8-99', 10, { start: 8, end: 9 }],
    ['bytes=10-', 10, 'unsatisfiable'],
    ['bytes=0-', 0, 'unsatisfiable'],
    ['bytes=-0', 10, 'unsatisfiable'],
    ['bytes=5-2', 10, 'whole'],
    ['bytes=0-1,4-5', 10, 'whole'],
    ['items=0-1', 10, 'whole'],
    ['bytes=-', 10, 'whole'],
  ])('reads %s of %i bytes', (header, size, expected) => {
    expect(readRange(header, size)).toEqual(expected);
  });

  it('never answers a range outside the content, whatever the header', () => {
    const header = fc.oneof(
      fc.string(),
      fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => `bytes=${a}-${b}`),
    );
    fc.assert(
      fc.property(header, fc.nat(), (text, size) => {
        const range = readRange(text, size);
        if (typeof range === 'string') return true;
        return range.start >= 0 && range.start <= range.end && range.end < size;
      }),
    );
  });
});
