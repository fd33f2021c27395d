import { randomBytes } from 'node:crypto';
import type { TenantScope } from '../storage/tenant-scope.ts';

/** An answer that is given again for the same key. */
export interface StoredReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text, or undefined for an empty body. */
  readonly body?: string;
}

/** What all tries of one keyed request share, stored with its first claim before any work is done. */
export interface ClaimSeed {
  /** Time of the first try in epoch milliseconds. */
  readonly firstAtMs: number;
  /** 32 random bytes, base64url; never leaves the service. */
  readonly secret: string;
}

/** What the store knows when a request with a key arrives. */
export type IdempotencyClaim =
  /**
   * The caller holds the claim and must finish, release or abandon it. `isRedo`: an earlier try was neither finished nor
   * abandoned, so it may have taken effect; the seed is that try's.
   */
  | { readonly state: 'claimed'; readonly claimId: string; readonly seed: ClaimSeed; readonly isRedo: boolean }
  /** Somebody is doing it right now, or tried it with another body. */
  | { readonly state: 'running'; readonly requestDigest: string }
  /** It is done; `reply` is absent when the answer was too large to keep. */
  | { readonly state: 'done'; readonly requestDigest: string; readonly reply?: StoredReply };

/**
 * Remembers requests by key for 24 h from the first try, and once done for 24 h from then. Claiming is atomic: of
 * concurrent claims for one key exactly one is `claimed`. A claim that was neither finished nor abandoned (crash) may be
 * taken over after 60 s, one that was released at once, each by the same request only.
 */
export interface IdempotencyStore {
  claim(scope: TenantScope, key: string, requestDigest: string, now: Date): Promise<IdempotencyClaim>;
  /** Keeps the reply; without effect when the claim was taken over meanwhile. */
  finish(scope: TenantScope, key: string, claimId: string, reply: StoredReply, now: Date): Promise<void>;
  /** It failed, and whether it took effect is unknown: the same request may be tried again, with the same seed. */
  release(scope: TenantScope, key: string, claimId: string, now: Date): Promise<void>;
  /** Nothing took effect, or it was taken back: forgets the key, so that a new try begins with a new seed. */
  abandon(scope: TenantScope, key: string, claimId: string): Promise<void>;
}

/** How long a key is remembered. */
export const keepSeconds = 24 * 60 * 60;

/** How long a claim holds without being finished. */
export const claimSeconds = 60;

/** Longest kept reply body in UTF-16 units; a DynamoDB item holds 400 KB. */
export const maxKeptBody = 100_000;

/** The seed of a first try. */
export function newSeed(now: Date): ClaimSeed {
  return { firstAtMs: now.getTime(), secret: randomBytes(32).toString('base64url') };
}
