import { describe, expect, it } from '@jest/globals';
import { BoundedMap } from '../../src/identity/bounded-map.ts';

describe('a bounded map', () => {
  it('forgets its oldest entries beyond its limit, and an entry that is set again counts as new', () => {
    const map = new BoundedMap<number>(2);
    map.set('a', 1);
    map.set('b', 2);
    map.set('a', 3);

    map.set('c', 4);

    expect(['a', 'b', 'c'].map((key) => map.get(key))).toEqual([3, undefined, 4]);
  });

  it('forgets the oldest ones that are not wanted any more, and none after the first that is', () => {
    const map = new BoundedMap<number>(10);
    for (const [key, atMs] of [
      ['old', 1],
      ['older than its place says', 9],
      ['in between', 2],
      ['new', 10],
    ] as const)
      map.set(key, atMs);
    map.set('old again', 1);

    map.forgetOldest((atMs) => atMs < 5);

    expect(map.size).toBe(4);
    expect(map.get('old')).toBeUndefined();
    expect(map.get('in between')).toBe(2);
  });

  it('can lose all entries', () => {
    const map = new BoundedMap<number>(10);
    map.set('a', 1);
    map.set('b', 2);

    map.forgetOldest(() => true);

    expect(map.size).toBe(0);
  });
});
