import { limits } from '@steward/contracts';
import { StewardError } from '@steward/sdk';
import { BoundedMap } from '../identity/bounded-map.ts';
import type { Caller } from '../request-context.ts';
import type { BucketName, Rate, RateStore } from './rate-store.ts';

/** Name of a kind of route in `platform/contracts/enums/limits.json`. */
export type RateClass = keyof typeof limits.rates;

/** Rates by kind of route. */
export type Rates = Readonly<Record<RateClass, { readonly user: Rate; readonly tenant: Rate }>>;

/** What the limiter is made of. */
export interface RateLimiterOptions {
  readonly store: RateStore;
  /** Those of the contracts unless given. */
  readonly rates?: Rates;
  /** Told when the shared store fails and this process counts alone. */
  readonly onStoreFailure?: (error: unknown) => void;
}

/** Share of a bucket that a process takes from the store at once. */
const leaseShare = 0.05;
const maxLease = 50;
/** How long leased requests may be used, and how long nothing is admitted ahead of the store after a refusal. */
const leaseMs = 10_000;

interface Lease {
  /** Requests that may still be admitted from memory. */
  credit: number;
  endsAtMs: number;
  /** Refused until then, without asking the store. */
  refusedUntilMs: number;
  /** Until then nothing is admitted ahead of the store's answer. */
  strictUntilMs: number;
  asking: Promise<void> | undefined;
}

interface Bucket {
  readonly caller: Caller;
  readonly name: BucketName;
  readonly rate: Rate;
  readonly whom: string;
  /** Requests of one lease. */
  readonly size: number;
}

/**
 * Limits requests per user and per tenant for all processes of a service together. A process leases a few requests at
 * a time from the shared buckets and counts them in memory; a lease is asked for beside the requests it admits, and the
 * next one before it is used up. What processes admit beyond a bucket is at most one lease each; after a refusal they
 * wait for the store. When the store fails, each process goes on counting by itself.
 */
export class RateLimiter {
  readonly #store: RateStore;
  readonly #rates: Rates;
  readonly #onStoreFailure: (error: unknown) => void;
  readonly #leases = new BoundedMap<Lease>(50_000);

  constructor(options: RateLimiterOptions) {
    this.#store = options.store;
    this.#rates = options.rates ?? limits.rates;
    this.#onStoreFailure = options.onStoreFailure ?? (() => undefined);
  }

  /**
   * Counts one request; undefined when it is admitted without waiting. Throws, or rejects with, RATE_LIMITED naming the
   * limit and the time to wait.
   */
  admit(caller: Caller, rateClass: RateClass, now: Date): Promise<unknown> | undefined {
    const { user, tenant } = this.#rates[rateClass];
    const forUser = this.#count(bucketOf(caller, [rateClass, 'user', caller.userId], user, 'you'), now);
    const forTenant = this.#count(bucketOf(caller, [rateClass, 'tenant'], tenant, 'your organisation'), now);
    if (forUser === undefined || forTenant === undefined) return forUser ?? forTenant;
    return Promise.all([forUser, forTenant]);
  }

  #count(bucket: Bucket, now: Date): Promise<void> | undefined {
    const nowMs = now.getTime();
    const lease = this.#leaseOf(bucket);
    const isStrict = lease.strictUntilMs > nowMs;
    if (nowMs >= lease.endsAtMs) {
      lease.credit = isStrict ? 0 : bucket.size;
      lease.endsAtMs = nowMs + leaseMs;
      // Paid beside the requests that it admits.
      if (!isStrict) void this.#ask(bucket, lease, bucket.size, 0, now);
    }
    if (lease.credit === 0) {
      if (lease.refusedUntilMs > nowMs) throw tooMany(bucket, lease.refusedUntilMs - nowMs);
      return this.#wait(bucket, lease, now);
    }
    lease.credit -= 1;
    if (lease.credit === Math.floor(bucket.size / 2) && !isStrict)
      void this.#ask(bucket, lease, bucket.size, bucket.size, now);
    return undefined;
  }

  #leaseOf({ caller, name }: Bucket): Lease {
    const key = `${caller.tenantId} ${name.join(' ')}`;
    const known = this.#leases.get(key);
    if (known !== undefined) return known;
    const made = { credit: 0, endsAtMs: 0, refusedUntilMs: 0, strictUntilMs: 0, asking: undefined };
    this.#leases.set(key, made);
    return made;
  }

  async #wait(bucket: Bucket, lease: Lease, now: Date): Promise<void> {
    while (lease.credit === 0) {
      // What is left of a bucket may be less than a lease.
      const count = lease.strictUntilMs > now.getTime() ? 1 : bucket.size;
      await this.#ask(bucket, lease, count, count, now);
      const waitMs = lease.refusedUntilMs - now.getTime();
      if (lease.credit === 0 && waitMs > 0) throw tooMany(bucket, waitMs);
    }
    lease.credit -= 1;
  }

  /** Takes `count` from the shared bucket, once at a time, and adds `credit` when it got them. Never rejects. */
  #ask(bucket: Bucket, lease: Lease, count: number, credit: number, now: Date): Promise<void> {
    lease.asking ??= this.#store
      .take(bucket.caller.scope, bucket.name, count, bucket.rate, now)
      .then(
        (answer) => {
          if (answer.taken) lease.credit += credit;
          else refuse(lease, now.getTime() + answer.waitMs, { isSingle: count === 1, isUnpaid: credit === 0 });
        },
        (error: unknown) => {
          this.#onStoreFailure(error);
          lease.credit += credit;
        },
      )
      .finally(() => {
        lease.asking = undefined;
      });
    return lease.asking;
  }
}

function bucketOf(caller: Caller, name: BucketName, rate: Rate, whom: string): Bucket {
  const size = Math.max(1, Math.min(maxLease, Math.floor(rate.burst * leaseShare)));
  return { caller, name, rate, whom, size };
}

function refuse(lease: Lease, untilMs: number, asked: { isSingle: boolean; isUnpaid: boolean }): void {
  if (asked.isUnpaid) lease.credit = 0;
  if (asked.isSingle) lease.refusedUntilMs = untilMs;
  lease.strictUntilMs = untilMs + leaseMs;
}

function tooMany({ whom, name: [rateClass], rate }: Bucket, waitMs: number): StewardError {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new StewardError(
    'RATE_LIMITED',
    `More than ${rate.perSecond} requests a second (${rateClass}) came from ${whom}; try again in ${retryAfterSeconds} s.`,
    { details: { retryAfterSeconds, reasonCodes: ['rate_limited'] } },
  );
}
