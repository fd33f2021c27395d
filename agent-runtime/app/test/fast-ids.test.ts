import { describe, expect, it } from '@jest/globals';
import { isId } from '@steward/sdk';
import { createFastIds } from '../src/fast-ids.ts';

describe('fast ids', () => {
  it('are well-formed, different, and rise with time and within a millisecond', () => {
    let now = 1_795_000_000_000;
    const newId = createFastIds(() => now);

    const ids: string[] = [];
    for (let index = 0; index < 5_000; index += 1) {
      if (index % 7 === 0) now += 1;
      ids.push(newId('evt'));
    }

    expect(ids.every((id) => isId('evt', id))).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(ids);
  });

  it('do not go back when the clock does', () => {
    let now = 1_795_000_000_000;
    const newId = createFastIds(() => now);

    const first = newId('sess');
    now -= 60_000;
    const second = newId('sess');

    expect(second > first).toBe(true);
  });
});
