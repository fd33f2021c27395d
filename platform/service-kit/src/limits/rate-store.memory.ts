import type { TenantScope } from '../storage/tenant-scope.ts';
import { BoundedMap } from '../identity/bounded-map.ts';
import { bucketTimes } from './rate-store.ts';
import type { BucketName, Rate, RateStore, TakeAnswer } from './rate-store.ts';

/** Buckets inside this process, 100,000 of them at most. */
export class MemoryRateStore implements RateStore {
  readonly #fullAt = new BoundedMap<number>(100_000);

  async take(scope: TenantScope, bucket: BucketName, count: number, rate: Rate, now: Date): Promise<TakeAnswer> {
    const key = JSON.stringify([scope.tenantId, ...bucket]);
    const { nowMs, costMs, latestMs } = bucketTimes(count, rate, now);
    const fullAt = Math.max(nowMs, this.#fullAt.get(key) ?? 0);
    if (fullAt > latestMs) return { taken: false, waitMs: fullAt - latestMs };
    this.#fullAt.set(key, fullAt + costMs);
    return { taken: true };
  }
}
