import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { StewardError } from '@steward/sdk';
import { compositeKey, isConditionFailed, queryPage, tableName } from '@steward/service-kit';
import type { DynamoDeps, Page, PageRequest } from '@steward/service-kit';
import type { Owner, SessionRepository } from './repository.ts';
import type { StoredSession } from './session.ts';

/** Sessions in DynamoDB: PK `sessionId`, index `byUser` on tenant#user by creation. */
export class DynamoSessionRepository implements SessionRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  /** The client stays the caller's. */
  constructor({ client, env }: DynamoDeps) {
    this.#client = client;
    this.#table = tableName(env, 'sessions');
  }

  async create(session: StoredSession): Promise<void> {
    await this.#put(
      session,
      { ConditionExpression: 'attribute_not_exists(sessionId)' },
      `Session ${session.sessionId} exists already.`,
    );
  }

  async get(owner: Owner, sessionId: string): Promise<StoredSession | undefined> {
    const { Item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: { sessionId }, ConsistentRead: true }),
    );
    if (Item === undefined || Item['tenantId'] !== owner.tenantId) return undefined;
    if (owner.userId !== undefined && Item['userId'] !== owner.userId) return undefined;
    return fromItem(Item);
  }

  async list(owner: Required<Owner>, page: PageRequest, workspaceId?: string): Promise<Page<StoredSession>> {
    const tenantUser = compositeKey(owner.tenantId, owner.userId);
    const found = await queryPage<Record<string, unknown>>(
      this.#client,
      {
        TableName: this.#table,
        IndexName: 'byUser',
        KeyConditionExpression: 'tenantUser = :tenantUser',
        ExpressionAttributeValues: { ':tenantUser': tenantUser },
        ScanIndexForward: false,
      },
      page,
      (item) => ({ sessionId: item['sessionId'], tenantUser, createdAt: item['createdAt'] }),
      (items) => items.filter((item) => workspaceId === undefined || item['workspaceId'] === workspaceId),
    );
    return { ...found, items: found.items.map(fromItem) };
  }

  async replace(session: StoredSession): Promise<void> {
    const condition = {
      ConditionExpression: 'revision = :expected AND tenantId = :tenantId',
      ExpressionAttributeValues: { ':expected': session.revision - 1, ':tenantId': session.tenantId },
    };
    await this.#put(session, condition, `Session ${session.sessionId} was changed meanwhile; load it and try again.`);
  }

  async check(): Promise<void> {
    await this.#client.send(new GetCommand({ TableName: this.#table, Key: { sessionId: 'readiness' } }));
  }

  async #put(session: StoredSession, condition: object, conflict: string): Promise<void> {
    const Item = { ...session, tenantUser: compositeKey(session.tenantId, session.userId), ...ttlOf(session) };
    try {
      await this.#client.send(new PutCommand({ TableName: this.#table, Item, ...condition }));
    } catch (error) {
      if (isConditionFailed(error)) throw new StewardError('CONFLICT', conflict, { cause: error });
      throw error;
    }
  }
}

const keptAfterExpirySeconds = 60 * 24 * 3600;

function ttlOf(session: StoredSession): { ttl?: number } {
  if (session.expiresAt === undefined) return {};
  return { ttl: Math.floor(Date.parse(session.expiresAt) / 1000) + keptAfterExpirySeconds };
}

function fromItem(item: Record<string, unknown>): StoredSession {
  const { tenantUser: _tenantUser, ttl: _ttl, ...session } = item;
  return session as StoredSession;
}
