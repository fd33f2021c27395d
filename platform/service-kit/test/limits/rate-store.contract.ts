import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RateStore } from '../../src/index.ts';
import { testScope } from '../../src/test-support/index.ts';

/** What every store of rates promises, run unchanged on each of them. */
export function describeRateStore(name: string, create: () => RateStore): void {
  describe(`rates in ${name}`, () => {
    const rate = { perSecond: 10, burst: 20 };
    const start = Date.parse('2026-02-21T15:00:00.000Z');
    let runs = 0;
    let bucket: string[];
    let store: RateStore;
    beforeEach(() => {
      store = create();
      runs += 1;
      bucket = ['write', 'user', `alice-${runs}`];
    });
    const acme = testScope('acme');
    const take = (count: number, atMs: number, scope = acme, from = store) =>
      from.take(scope, bucket, count, rate, new Date(start + atMs));

    it('gives what the bucket holds, then says how long the next ones take', async () => {
      const answers = [await take(15, 0), await take(5, 0), await take(5, 0), await take(5, 499), await take(5, 500)];

      expect(answers).toEqual([
        { taken: true },
        { taken: true },
        { taken: false, waitMs: 500 },
        { taken: false, waitMs: 1 },
        { taken: true },
      ]);
    });

    it('is full again after a pause, and never fuller', async () => {
      await take(20, 0);

      const answers = [await take(20, 60_000), await take(1, 60_000)];

      expect(answers).toEqual([{ taken: true }, { taken: false, waitMs: 100 }]);
    });

    it('keeps tenants apart', async () => {
      await take(20, 0);

      expect([await take(1, 0), await take(20, 0, testScope('globex'))]).toEqual([
        { taken: false, waitMs: 100 },
        { taken: true },
      ]);
    });

    it('gives no more than it holds to many who take at once', async () => {
      const answers = await Promise.all(Array.from({ length: 30 }, () => take(1, 0)));

      expect(answers.filter(({ taken }) => taken)).toHaveLength(20);
    });
  });
}
