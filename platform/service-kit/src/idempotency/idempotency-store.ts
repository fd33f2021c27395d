import type { TenantScope } from '../storage/tenant-scope.ts';

/** An answer that is given again for the same key. */
export interface StoredReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text, or undefined for an empty body. */
  readonly body?: string;
}

/** What the store knows when a request with a key arrives. */
export type IdempotencyClaim =
  /** Nobody did it: the caller holds the claim and must finish or abandon it. */
  | { readonly state: 'claimed'; readonly claimId: string }
  /** Somebody is doing it right now. */
  | { readonly state: 'running'; readonly requestDigest: string }
  /** It is done; `reply` is absent when the answer was too large to keep. */
  | { readonly state: 'done'; readonly requestDigest: string; readonly reply?: StoredReply };

/**
 * Remembers requests by key for 24 h. Claiming is atomic: of concurrent claims for one key exactly one is `claimed`.
 * A claim that was neither finished nor abandoned (crash) may be taken over after 60 s.
 */
export interface IdempotencyStore {
  claim(scope: TenantScope, key: string, requestDigest: string, now: Date): Promise<IdempotencyClaim>;
  /** Keeps the reply; without effect when the claim was taken over meanwhile. */
  finish(scope: TenantScope, key: string, claimId: string, reply: StoredReply, now: Date): Promise<void>;
  /** Forgets the claim so that the request may be tried again. */
  abandon(scope: TenantScope, key: string, claimId: string): Promise<void>;
}

/** How long a reply is kept. */
export const keepSeconds = 24 * 60 * 60;

/** How long a claim holds without being finished. */
export const claimSeconds = 60;

/** Longest kept reply body in UTF-16 units; a DynamoDB item holds 400 KB. */
export const maxKeptBody = 100_000;
