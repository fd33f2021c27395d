import { BoundedMap } from '../identity/bounded-map.ts';
import { epochSeconds, isConditionFailed } from '../storage/dynamo.ts';
import type { DynamoDeps } from '../storage/dynamo.ts';
import { scopedTable } from '../storage/scoped-table.ts';
import { absent, present } from '../storage/scoped-write.ts';
import type { Item } from '../storage/attributes.ts';
import type { TenantScope } from '../storage/tenant-scope.ts';
import { bucketTimes } from './rate-store.ts';
import type { BucketName, Rate, RateStore, TakeAnswer } from './rate-store.ts';

/** Rows outlive a full bucket by this, so that clocks may differ a little. */
const keepSeconds = 60;

/**
 * Buckets in the table `rate-limits`: one conditional write per take. Which of the two writes will do is guessed from
 * what this process last saw of the bucket; the conditions decide, so that a wrong guess costs a write and nothing else.
 */
export class DynamoRateStore implements RateStore {
  readonly #deps: DynamoDeps;
  /** When each bucket is full again, as far as this process knows. */
  readonly #fullAt = new BoundedMap<number>(50_000);

  constructor(deps: DynamoDeps) {
    this.#deps = deps;
  }

  async take(scope: TenantScope, bucket: BucketName, count: number, rate: Rate, now: Date): Promise<TakeAnswer> {
    const table = scopedTable(this.#deps, 'rate-limits', scope);
    const { nowMs, costMs, latestMs } = bucketTimes(count, rate, now);
    const ttl = epochSeconds(new Date(latestMs + costMs)) + keepSeconds;
    const moveOn = table.update({ id: bucket }, 'SET fullAt = fullAt + :cost, #ttl = :ttl, updatedAt = :updatedAt', {
      condition: `${present} AND fullAt > :now AND fullAt <= :latest`,
      names: { '#ttl': 'ttl' },
      values: { ':cost': costMs, ':now': nowMs, ':latest': latestMs, ':ttl': ttl, ':updatedAt': now.toISOString() },
    });
    const row = {
      tenantId: scope.tenantId,
      fullAt: nowMs + costMs,
      ttl,
      createdAt: now.toISOString(),
      updatedAt: now.toISOString(),
    };
    const beginAnew = table.put(
      row,
      bucket,
      {},
      { condition: `${absent} OR fullAt <= :now`, values: { ':now': nowMs } },
    );
    const key = JSON.stringify([scope.tenantId, ...bucket]);
    const isInUse = (this.#fullAt.get(key) ?? 0) > nowMs;
    // Between two writes the bucket may have filled or been begun by another process, so one is tried twice.
    for (const write of isInUse ? [moveOn, beginAnew, moveOn] : [beginAnew, moveOn, beginAnew]) {
      try {
        const written = await table.run(write);
        this.#fullAt.set(key, fullAtOf(written) ?? row.fullAt);
        return { taken: true };
      } catch (error) {
        if (!isConditionFailed(error)) throw error;
      }
    }
    const fullAt = fullAtOf(await table.get({ id: bucket })) ?? nowMs;
    this.#fullAt.set(key, fullAt);
    return { taken: false, waitMs: Math.max(1, fullAt - latestMs) };
  }
}

function fullAtOf(row: Item | undefined): number | undefined {
  return typeof row?.['fullAt'] === 'number' ? row['fullAt'] : undefined;
}
