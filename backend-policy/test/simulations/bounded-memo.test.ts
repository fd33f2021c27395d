import { describe, expect, it } from '@jest/globals';
import { BoundedMemo } from '../../src/simulations/bounded-memo.ts';

describe('a bounded memo', () => {
  it('forgets all when it would hold more entries than it may', () => {
    const memo = new BoundedMemo<number>({ entries: 2, characters: 100 });
    memo.add('a', 1);
    memo.add('b', 2);

    memo.add('c', 3);

    expect(['a', 'b', 'c'].map((key) => memo.get(key))).toEqual([undefined, undefined, 3]);
  });

  it('forgets all when its texts would be longer than they may', () => {
    const memo = new BoundedMemo<number>({ entries: 100, characters: 10 });
    memo.add('x'.repeat(6), 1);

    memo.add('y'.repeat(5), 2);

    expect([memo.get('x'.repeat(6)), memo.get('y'.repeat(5))]).toEqual([undefined, 2]);
  });
});
