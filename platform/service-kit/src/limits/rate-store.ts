import type { TenantScope } from '../storage/tenant-scope.ts';

/** How fast a bucket fills and how much it holds. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** What a bucket answers: the requests were taken, or the time until they can be. */
export type TakeAnswer = { readonly taken: true } | { readonly taken: false; readonly waitMs: number };

/** Which bucket within the tenant: the route class, then the user where it is a person's own. */
export type BucketName = readonly string[];

/**
 * Token buckets that all processes of a service share. Taking is atomic: of concurrent takers no more succeed than the
 * bucket holds. A bucket that nobody touches is full again after `burst / perSecond` seconds.
 */
export interface RateStore {
  /** Takes `count` requests at once, or none. `count` is at most `burst`. */
  take(scope: TenantScope, bucket: BucketName, count: number, rate: Rate, now: Date): Promise<TakeAnswer>;
}

/**
 * The bucket as one number, the time at which it is full again (the generic cell rate algorithm, ITU-T I.371): taking
 * n moves it by n intervals, and it may lie ahead of now by what the bucket holds.
 */
export function bucketTimes(count: number, { perSecond, burst }: Rate, now: Date) {
  const nowMs = now.getTime();
  const costMs = (count * 1000) / perSecond;
  return { nowMs, costMs, latestMs: nowMs + (burst * 1000) / perSecond - costMs };
}
