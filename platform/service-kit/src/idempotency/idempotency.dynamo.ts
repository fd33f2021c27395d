import { randomUUID } from 'node:crypto';
import { epochSeconds, isConditionFailed } from '../storage/dynamo.ts';
import type { DynamoDeps } from '../storage/dynamo.ts';
import { scopedTable } from '../storage/scoped-table.ts';
import type { ScopedTable } from '../storage/scoped-table.ts';
import { absent } from '../storage/scoped-write.ts';
import type { TenantScope } from '../storage/tenant-scope.ts';
import { claimSeconds, keepSeconds, maxKeptBody } from './idempotency-store.ts';
import type { IdempotencyClaim, IdempotencyStore, StoredReply } from './idempotency-store.ts';

interface Entry {
  readonly requestDigest: string;
  readonly claimId: string;
  readonly done: boolean;
  readonly reply?: StoredReply;
}

/** Keeps claims in the table `idempotency`, so that all processes of a service share them. */
export class DynamoIdempotencyStore implements IdempotencyStore {
  readonly #deps: DynamoDeps;

  constructor(deps: DynamoDeps) {
    this.#deps = deps;
  }

  async claim(scope: TenantScope, key: string, requestDigest: string, now: Date): Promise<IdempotencyClaim> {
    const table = this.#table(scope);
    const claimId = randomUUID();
    const seconds = epochSeconds(now);
    const timestamp = now.toISOString();
    const row = {
      tenantId: scope.tenantId,
      requestDigest,
      claimId,
      done: false,
      ttl: seconds + claimSeconds,
      createdAt: timestamp,
      updatedAt: timestamp,
    };
    const options = { condition: `${absent} OR #ttl <= :now`, names: { '#ttl': 'ttl' }, values: { ':now': seconds } };
    try {
      await table.run(table.put(row, [key], {}, options));
      return { state: 'claimed', claimId };
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
    }
    const entry = (await table.get({ id: [key] })) as Entry | undefined;
    // Abandoned between the two calls: the client simply tries again.
    if (entry === undefined) return { state: 'running', requestDigest };
    if (!entry.done) return { state: 'running', requestDigest: entry.requestDigest };
    return {
      state: 'done',
      requestDigest: entry.requestDigest,
      ...(entry.reply === undefined ? {} : { reply: entry.reply }),
    };
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
    await unlessTakenOver(table.run(update));
  }

  async abandon(scope: TenantScope, key: string, claimId: string): Promise<void> {
    const table = this.#table(scope);
    const options = { condition: 'claimId = :claimId', values: { ':claimId': claimId } };
    await unlessTakenOver(table.run(table.delete({ id: [key] }, options)));
  }

  #table(scope: TenantScope): ScopedTable {
    return scopedTable(this.#deps, 'idempotency', scope);
  }
}

async function unlessTakenOver(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
  }
}
