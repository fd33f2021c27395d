import { randomUUID } from 'node:crypto';
import { epochSeconds, isConditionFailed } from '../storage/dynamo.ts';
import type { DynamoDeps } from '../storage/dynamo.ts';
import { scopedTable } from '../storage/scoped-table.ts';
import type { ScopedTable } from '../storage/scoped-table.ts';
import { absent } from '../storage/scoped-write.ts';
import type { TenantScope } from '../storage/tenant-scope.ts';
import { claimSeconds, keepSeconds, maxKeptBody, newSeed } from './idempotency-store.ts';
import type { ClaimSeed, IdempotencyClaim, IdempotencyStore, StoredReply } from './idempotency-store.ts';

interface Entry {
  readonly requestDigest: string;
  readonly claimId: string;
  /** Epoch seconds; 0 once it was released. */
  readonly claimedUntil: number;
  readonly seed: ClaimSeed;
  readonly done: boolean;
  readonly reply?: StoredReply;
}

const claimIsMine = 'claimId = :claimId AND #done = :false';

/** Keeps claims in the table `idempotency`, so that all processes of a service share them. */
export class DynamoIdempotencyStore implements IdempotencyStore {
  readonly #deps: DynamoDeps;

  constructor(deps: DynamoDeps) {
    this.#deps = deps;
  }

  async claim(scope: TenantScope, key: string, requestDigest: string, now: Date): Promise<IdempotencyClaim> {
    const table = this.#table(scope);
    const claimId = randomUUID();
    const seed = newSeed(now);
    const seconds = epochSeconds(now);
    const timestamp = now.toISOString();
    const row = {
      tenantId: scope.tenantId,
      requestDigest,
      claimId,
      claimedUntil: seconds + claimSeconds,
      seed,
      done: false,
      ttl: seconds + keepSeconds,
      createdAt: timestamp,
      updatedAt: timestamp,
    };
    const options = { condition: `${absent} OR #ttl <= :now`, names: { '#ttl': 'ttl' }, values: { ':now': seconds } };
    try {
      await table.run(table.put(row, [key], {}, options));
      return { state: 'claimed', claimId, seed, isRedo: false };
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
    }
    const entry = (await table.get({ id: [key] })) as Entry | undefined;
    // Abandoned between the two calls: the client simply tries again.
    if (entry === undefined) return { state: 'running', requestDigest };
    if (entry.done) {
      const kept = entry.reply === undefined ? {} : { reply: entry.reply };
      return { state: 'done', requestDigest: entry.requestDigest, ...kept };
    }
    if (entry.requestDigest === requestDigest && entry.claimedUntil <= seconds) {
      if (await this.#takeOver(table, key, entry.claimId, claimId, now))
        return { state: 'claimed', claimId, seed: entry.seed, isRedo: true };
    }
    return { state: 'running', requestDigest: entry.requestDigest };
  }

  async finish(scope: TenantScope, key: string, claimId: string, reply: StoredReply, now: Date): Promise<void> {
    const keeps = (reply.body?.length ?? 0) <= maxKeptBody;
    const table = this.#table(scope);
    const update = table.update(
      { id: [key] },
      `SET #done = :true, #ttl = :ttl, updatedAt = :updatedAt${keeps ? ', reply = :reply' : ''}`,
      {
        condition: 'claimId = :claimId',
        names: { '#done': 'done', '#ttl': 'ttl' },
        values: {
          ':true': true,
          ':claimId': claimId,
          ':ttl': epochSeconds(now) + keepSeconds,
          ':updatedAt': now.toISOString(),
          ...(keeps ? { ':reply': reply } : {}),
        },
      },
    );
    await whileMine(table.run(update));
  }

  async release(scope: TenantScope, key: string, claimId: string, now: Date): Promise<void> {
    const table = this.#table(scope);
    const update = table.update({ id: [key] }, 'SET claimedUntil = :released, updatedAt = :updatedAt', {
      condition: claimIsMine,
      names: { '#done': 'done' },
      values: { ':claimId': claimId, ':false': false, ':released': 0, ':updatedAt': now.toISOString() },
    });
    await whileMine(table.run(update));
  }

  async abandon(scope: TenantScope, key: string, claimId: string): Promise<void> {
    const table = this.#table(scope);
    const options = { condition: 'claimId = :claimId', values: { ':claimId': claimId } };
    await whileMine(table.run(table.delete({ id: [key] }, options)));
  }

  /** Makes the claim of a try that came to no end this one's; false when somebody else was faster. */
  async #takeOver(table: ScopedTable, key: string, before: string, claimId: string, now: Date): Promise<boolean> {
    const update = table.update(
      { id: [key] },
      'SET claimId = :next, claimedUntil = :claimedUntil, updatedAt = :updatedAt',
      {
        condition: claimIsMine,
        names: { '#done': 'done' },
        values: {
          ':claimId': before,
          ':false': false,
          ':next': claimId,
          ':claimedUntil': epochSeconds(now) + claimSeconds,
          ':updatedAt': now.toISOString(),
        },
      },
    );
    if (await whileMine(table.run(update))) return true;
    // The client repeats a request whose answer was lost, and is then refused by its own first try.
    return ((await table.get({ id: [key] })) as Entry | undefined)?.claimId === claimId;
  }

  #table(scope: TenantScope): ScopedTable {
    return scopedTable(this.#deps, 'idempotency', scope);
  }
}

/** True when the write was made, false when the claim is another's by now. */
async function whileMine(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
    return false;
  }
}
