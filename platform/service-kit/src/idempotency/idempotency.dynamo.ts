import { randomUUID } from 'node:crypto';
import { DeleteCommand, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { epochSeconds, isConditionFailed, tableName } from '../storage/dynamo.ts';
import type { DynamoDeps } from '../storage/dynamo.ts';
import { claimSeconds, keepSeconds, maxKeptBody } from './idempotency-store.ts';
import type { IdempotencyClaim, IdempotencyStore, StoredReply } from './idempotency-store.ts';

interface Item {
  idempotencyKey: string;
  requestDigest: string;
  claimId: string;
  done: boolean;
  ttl: number;
  reply?: StoredReply;
}

/** Keeps claims in the table `idempotency`, so that all processes of a service share them. */
export class DynamoIdempotencyStore implements IdempotencyStore {
  readonly #deps: DynamoDeps;
  readonly #table: string;

  constructor(deps: DynamoDeps) {
    this.#deps = deps;
    this.#table = tableName(deps.env, 'idempotency');
  }

  async claim(key: string, requestDigest: string, now: Date): Promise<IdempotencyClaim> {
    const claimId = randomUUID();
    const seconds = epochSeconds(now);
    const timestamp = now.toISOString();
    const item = {
      idempotencyKey: key,
      requestDigest,
      claimId,
      done: false,
      ttl: seconds + claimSeconds,
      createdAt: timestamp,
      updatedAt: timestamp,
    };
    try {
      await this.#deps.client.send(
        new PutCommand({
          TableName: this.#table,
          Item: item,
          ConditionExpression: 'attribute_not_exists(idempotencyKey) OR #ttl <= :now',
          ExpressionAttributeNames: { '#ttl': 'ttl' },
          ExpressionAttributeValues: { ':now': seconds },
        }),
      );
      return { state: 'claimed', claimId };
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
    }
    const found = await this.#deps.client.send(
      new GetCommand({ TableName: this.#table, Key: { idempotencyKey: key }, ConsistentRead: true }),
    );
    const entry = found.Item as Item | undefined;
    // Abandoned between the two calls: the client simply tries again.
    if (entry === undefined) return { state: 'running', requestDigest };
    if (!entry.done) return { state: 'running', requestDigest: entry.requestDigest };
    return {
      state: 'done',
      requestDigest: entry.requestDigest,
      ...(entry.reply === undefined ? {} : { reply: entry.reply }),
    };
  }

  async finish(key: string, claimId: string, reply: StoredReply, now: Date): Promise<void> {
    const keeps = (reply.body?.length ?? 0) <= maxKeptBody;
    await this.#unlessTakenOver(
      this.#deps.client.send(
        new UpdateCommand({
          TableName: this.#table,
          Key: { idempotencyKey: key },
          UpdateExpression: `SET #done = :true, #ttl = :ttl, updatedAt = :updatedAt${keeps ? ', reply = :reply' : ''}`,
          ConditionExpression: 'claimId = :claimId',
          ExpressionAttributeNames: { '#done': 'done', '#ttl': 'ttl' },
          ExpressionAttributeValues: {
            ':true': true,
            ':claimId': claimId,
            ':ttl': epochSeconds(now) + keepSeconds,
            ':updatedAt': now.toISOString(),
            ...(keeps ? { ':reply': reply } : {}),
          },
        }),
      ),
    );
  }

  async abandon(key: string, claimId: string): Promise<void> {
    await this.#unlessTakenOver(
      this.#deps.client.send(
        new DeleteCommand({
          TableName: this.#table,
          Key: { idempotencyKey: key },
          ConditionExpression: 'claimId = :claimId',
          ExpressionAttributeValues: { ':claimId': claimId },
        }),
      ),
    );
  }

  async #unlessTakenOver(write: Promise<unknown>): Promise<void> {
    try {
      await write;
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
    }
  }
}
