import { describe, expect, it } from '@jest/globals';
import { addUp, countOf } from '../ci/count.mjs';

describe('the count of an integration run', () => {
  it('takes the last summary line of a step', () => {
    const lastLines = ['1 passed, 0 failed', 'noise', '12 passed, 3 failed'];
    expect(countOf({ exitCode: 1, lastLines })).toEqual({ passed: 12, failed: 3 });
  });

  it('takes nothing for a summary that is only part of a line', () => {
    expect(countOf({ exitCode: 0, lastLines: ['all 12 passed, 0 failed here'] })).toEqual({ passed: 0, failed: 0 });
  });

  it('counts a step that ends badly without a summary as one failure', () => {
    expect(countOf({ exitCode: 137, lastLines: ['killed'] })).toEqual({ passed: 0, failed: 1 });
  });

  it('does not believe a step that counts no failure and ends badly', () => {
    expect(countOf({ exitCode: 1, lastLines: ['5 passed, 0 failed'] })).toEqual({ passed: 5, failed: 1 });
  });

  it('adds the steps up', () => {
    const counts = [
      { passed: 5, failed: 0 },
      { passed: 7, failed: 2 },
    ];
    expect(addUp(counts)).toEqual({ passed: 12, failed: 2 });
  });
});
