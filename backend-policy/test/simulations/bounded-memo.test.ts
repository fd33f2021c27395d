import { describe, expect, it } from '@jest/globals';
import { BoundedMemo } from '../../src/simulations/bounded-memo.ts';

describe('a bounded memo', () => {
  it('forgets all when it would hold more entries than it may', () => {
    const memo = new BoundedMemo<number>({ entries: 2, characters: 100 });
    memo.add('a', 1, 1);
    memo.add('b', 2, 1);

    memo.add('c', 3, 1);

    expect(['a', 'b', 'c'].map((key) => memo.get(key))).toEqual([undefined, undefined, 3]);
  });

  it('forgets all when its values would hold more characters than they may', () => {
    const memo = new BoundedMemo<number>({ entries: 100, characters: 10 });
    memo.add('x', 1, 6);

    memo.add('y', 2, 5);

    expect([memo.get('x'), memo.get('y')]).toEqual([undefined, 2]);
  });

  it('names long texts by short keys, each by its own', () => {
    const texts = ['', 'a', 'b'.repeat(100_000), `${'b'.repeat(99_999)}c`, 'grüezi'];

    const keys = texts.map((text) => BoundedMemo.keyOf(text));

    expect(new Set(keys).size).toBe(texts.length);
    expect(Math.max(...keys.map(({ length }) => length))).toBeLessThan(50);
  });
});
