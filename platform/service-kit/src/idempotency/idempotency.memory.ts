import { randomUUID } from 'node:crypto';
import { tenantKey } from '../storage/tenant-scope.ts';
import type { TenantScope } from '../storage/tenant-scope.ts';
import { claimSeconds, keepSeconds, maxKeptBody } from './idempotency-store.ts';
import type { IdempotencyClaim, IdempotencyStore, StoredReply } from './idempotency-store.ts';

interface Entry {
  readonly requestDigest: string;
  readonly claimId: string;
  readonly until: number;
  readonly done: boolean;
  readonly reply?: StoredReply;
}

/** Keeps claims inside this process; the oldest are forgotten beyond 10,000. */
export class MemoryIdempotencyStore implements IdempotencyStore {
  readonly #entries = new Map<string, Entry>();

  async claim(scope: TenantScope, ownKey: string, requestDigest: string, now: Date): Promise<IdempotencyClaim> {
    const key = tenantKey(scope, ownKey);
    const entry = this.#entries.get(key);
    if (entry !== undefined && entry.until > now.getTime()) {
      if (!entry.done) return { state: 'running', requestDigest: entry.requestDigest };
      return {
        state: 'done',
        requestDigest: entry.requestDigest,
        ...(entry.reply === undefined ? {} : { reply: entry.reply }),
      };
    }
    const claimId = randomUUID();
    this.#entries.delete(key);
    this.#entries.set(key, { requestDigest, claimId, done: false, until: now.getTime() + claimSeconds * 1000 });
    const oldest = this.#entries.keys().next().value;
    if (this.#entries.size > 10_000 && oldest !== undefined) this.#entries.delete(oldest);
    return { state: 'claimed', claimId };
  }

  async finish(scope: TenantScope, ownKey: string, claimId: string, reply: StoredReply, now: Date): Promise<void> {
    const key = tenantKey(scope, ownKey);
    const entry = this.#entries.get(key);
    if (entry?.claimId !== claimId) return;
    const kept = (reply.body?.length ?? 0) <= maxKeptBody ? { reply } : {};
    this.#entries.set(key, { ...entry, ...kept, done: true, until: now.getTime() + keepSeconds * 1000 });
  }

  async abandon(scope: TenantScope, ownKey: string, claimId: string): Promise<void> {
    const key = tenantKey(scope, ownKey);
    if (this.#entries.get(key)?.claimId === claimId) this.#entries.delete(key);
  }
}
