import { randomUUID } from 'node:crypto';
import { tenantKey } from '../storage/tenant-scope.ts';
import type { TenantScope } from '../storage/tenant-scope.ts';
import { claimSeconds, keepSeconds, maxKeptBody, newSeed } from './idempotency-store.ts';
import type { ClaimSeed, IdempotencyClaim, IdempotencyStore, StoredReply } from './idempotency-store.ts';

interface Entry {
  readonly requestDigest: string;
  readonly claimId: string;
  readonly seed: ClaimSeed;
  readonly claimedUntil: number;
  readonly until: number;
  readonly done: boolean;
  readonly reply?: StoredReply;
}

/** Keeps claims inside this process; the oldest are forgotten beyond 10,000. */
export class MemoryIdempotencyStore implements IdempotencyStore {
  readonly #entries = new Map<string, Entry>();

  async claim(scope: TenantScope, ownKey: string, requestDigest: string, now: Date): Promise<IdempotencyClaim> {
    const key = tenantKey(scope, ownKey);
    const nowMs = now.getTime();
    const claimId = randomUUID();
    const claimedUntil = nowMs + claimSeconds * 1000;
    const entry = this.#entries.get(key);
    if (entry !== undefined && entry.until > nowMs) {
      if (entry.done) {
        const kept = entry.reply === undefined ? {} : { reply: entry.reply };
        return { state: 'done', requestDigest: entry.requestDigest, ...kept };
      }
      if (entry.claimedUntil > nowMs || entry.requestDigest !== requestDigest)
        return { state: 'running', requestDigest: entry.requestDigest };
      this.#entries.set(key, { ...entry, claimId, claimedUntil });
      return { state: 'claimed', claimId, seed: entry.seed, isRedo: true };
    }
    const seed = newSeed(now);
    const until = nowMs + keepSeconds * 1000;
    this.#entries.delete(key);
    this.#entries.set(key, { requestDigest, claimId, seed, claimedUntil, until, done: false });
    const oldest = this.#entries.keys().next().value;
    if (this.#entries.size > 10_000 && oldest !== undefined) this.#entries.delete(oldest);
    return { state: 'claimed', claimId, seed, isRedo: false };
  }

  async finish(scope: TenantScope, ownKey: string, claimId: string, reply: StoredReply, now: Date): Promise<void> {
    const kept = (reply.body?.length ?? 0) <= maxKeptBody ? { reply } : {};
    this.#change(scope, ownKey, claimId, { ...kept, done: true, until: now.getTime() + keepSeconds * 1000 });
  }

  async release(scope: TenantScope, ownKey: string, claimId: string): Promise<void> {
    this.#change(scope, ownKey, claimId, { claimedUntil: 0 });
  }

  async abandon(scope: TenantScope, ownKey: string, claimId: string): Promise<void> {
    const key = tenantKey(scope, ownKey);
    if (this.#entries.get(key)?.claimId === claimId) this.#entries.delete(key);
  }

  #change(scope: TenantScope, ownKey: string, claimId: string, change: Partial<Entry>): void {
    const key = tenantKey(scope, ownKey);
    const entry = this.#entries.get(key);
    if (entry?.claimId === claimId) this.#entries.set(key, { ...entry, ...change });
  }
}
