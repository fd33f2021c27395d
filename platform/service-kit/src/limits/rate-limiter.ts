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

/** Share of a bucket that a process takes from the store at first, and at most that many requests. */
const firstShare = 0.05;
const firstMost = 50;
/** Share of a bucket to which leases grow while they are used up quickly. */
const grownShare = 0.1;
/** A lease that is half used sooner than this was too small; the next one is twice as large. */
const growsBelowMs = 4_000;
/** How long leased requests may be used. People who send little cost one write in this time. */
const leaseMs = 60_000;
/** How long nothing is admitted ahead of the store after a refusal. */
const strictMs = 10_000;

interface Lease {
  /** Requests that are asked for at once. */
  size: number;
  askedAtMs: number;
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
}

/**
 * Limits requests per user and per tenant for all processes of a service together. A process leases a few requests at
 * a time from the shared buckets and counts them in memory for a minute; a lease is asked for beside the requests it
 * admits, and the next one before it is used up. A lease is a twentieth of the bucket (50 at most), and grows to a tenth
 * of it while leases are used up quickly. What processes admit beyond a bucket is at most one lease each; after a refusal they wait for the
 * store. When the store fails, each process goes on counting by itself.
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
    const forUser = this.#count({ caller, name: [rateClass, 'user', caller.userId], rate: user, whom: 'you' }, now);
    const forTenant = this.#count(
      { caller, name: [rateClass, 'tenant'], rate: tenant, whom: 'your organisation' },
      now,
    );
    if (forUser === undefined || forTenant === undefined) return forUser ?? forTenant;
    return Promise.all([forUser, forTenant]);
  }

  #count(bucket: Bucket, now: Date): Promise<void> | undefined {
    const nowMs = now.getTime();
    const lease = this.#leaseOf(bucket);
    const isStrict = lease.strictUntilMs > nowMs;
    if (nowMs >= lease.endsAtMs) {
      // A lease that was never followed by another was large enough, or far too large.
      if (lease.askedAtMs <= lease.endsAtMs - leaseMs) lease.size = firstSize(bucket.rate);
      lease.credit = isStrict ? 0 : lease.size;
      lease.endsAtMs = nowMs + leaseMs;
      // Paid beside the requests that it admits.
      if (!isStrict) void this.#ask(bucket, lease, lease.size, 0, now);
    }
    if (lease.credit === 0) {
      if (lease.refusedUntilMs > nowMs) throw tooMany(bucket, lease.refusedUntilMs - nowMs);
      return this.#wait(bucket, lease, now);
    }
    lease.credit -= 1;
    if (lease.credit <= Math.floor(lease.size / 2) && !isStrict && lease.asking === undefined) {
      if (nowMs - lease.askedAtMs < growsBelowMs) lease.size = Math.min(2 * lease.size, grownSize(bucket.rate));
      void this.#ask(bucket, lease, lease.size, lease.size, now);
    }
    return undefined;
  }

  #leaseOf({ caller, name, rate }: Bucket): Lease {
    const key = `${caller.tenantId} ${name.join(' ')}`;
    const known = this.#leases.get(key);
    if (known !== undefined) return known;
    const made = {
      size: firstSize(rate),
      askedAtMs: 0,
      credit: 0,
      endsAtMs: 0,
      refusedUntilMs: 0,
      strictUntilMs: 0,
      asking: undefined,
    };
    this.#leases.set(key, made);
    return made;
  }

  async #wait(bucket: Bucket, lease: Lease, now: Date): Promise<void> {
    while (lease.credit === 0) {
      // What is left of a bucket may be less than a lease.
      const count = lease.strictUntilMs > now.getTime() ? 1 : lease.size;
      await this.#ask(bucket, lease, count, count, now);
      const waitMs = lease.refusedUntilMs - now.getTime();
      if (lease.credit === 0 && waitMs > 0) throw tooMany(bucket, waitMs);
    }
    lease.credit -= 1;
  }

  /** Takes `count` from the shared bucket, once at a time, and adds `credit` when it got them. Never rejects. */
  #ask(bucket: Bucket, lease: Lease, count: number, credit: number, now: Date): Promise<void> {
    if (lease.asking !== undefined) return lease.asking;
    lease.askedAtMs = now.getTime();
    lease.asking = this.#store
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

function firstSize({ burst }: Rate): number {
  return Math.max(1, Math.min(firstMost, Math.floor(burst * firstShare)));
}

function grownSize({ burst }: Rate): number {
  return Math.max(1, Math.floor(burst * grownShare));
}

function refuse(lease: Lease, untilMs: number, asked: { isSingle: boolean; isUnpaid: boolean }): void {
  if (asked.isUnpaid) lease.credit = 0;
  if (asked.isSingle) lease.refusedUntilMs = untilMs;
  lease.strictUntilMs = untilMs + strictMs;
}

function tooMany({ whom, name: [rateClass], rate }: Bucket, waitMs: number): StewardError {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new StewardError(
    'RATE_LIMITED',
    `More than ${rate.perSecond} requests a second (${rateClass}) came from ${whom}; try again in ${retryAfterSeconds} s.`,
    { details: { retryAfterSeconds, reasonCodes: ['rate_limited'] } },
  );
}
