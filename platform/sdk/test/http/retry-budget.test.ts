import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RetryBudget, StewardError, withRetry } from '../../src/index.ts';

/** Requests per call of many calls that fail with the given chance each time. */
async function amplification(failureRate: number, calls: number, seed: number): Promise<number> {
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const budget = new RetryBudget();
  let requests = 0;
  for (let call = 0; call < calls; call += 1) {
    const request = async (): Promise<void> => {
      requests += 1;
      if (random() < failureRate) throw new StewardError('RATE_LIMITED', 'Slow down.');
    };
    await withRetry(request, { budget, sleep: async () => undefined, attempts: 4 }).catch(() => undefined);
  }
  return requests / calls;
}

describe('the budget of repetitions', () => {
  it('lets a tenth of failures be repeated with less than 1.2 requests per call', async () => {
    const factor = await amplification(0.1, 2000, 7);

    expect(factor).toBeGreaterThan(1.08);
    expect(factor).toBeLessThan(1.2);
  });

  it('holds whatever share of the requests fails', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(), async (rate, seed) => {
        expect(await amplification(rate, 400, seed)).toBeLessThanOrEqual(1.2);
      }),
      { numRuns: 30 },
    );
  });

  it('passes a failure on at once when it is used up', async () => {
    const budget = new RetryBudget({ perCall: 0, most: 1 });
    let requests = 0;
    const fail = async (): Promise<void> => {
      requests += 1;
      throw new StewardError('RATE_LIMITED', 'Slow down.');
    };

    const failures = await Promise.allSettled(
      [1, 2].map(() => withRetry(fail, { budget, sleep: async () => undefined, attempts: 5 })),
    );

    expect([requests, failures.map(({ status }) => status)]).toEqual([3, ['rejected', 'rejected']]);
  });
});
