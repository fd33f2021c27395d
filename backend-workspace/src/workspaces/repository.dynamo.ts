import {
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { StewardError } from '@steward/sdk';
import { compositeKey, isConditionFailed, tableName } from '@steward/service-kit';
import type { DynamoDeps } from '@steward/service-kit';
import { isCancelledBy, refuseForeignCursor, retryOnConflict } from '../dynamo-conflicts.ts';
import type { Owner } from '../owner.ts';
import { cutPage } from '../paging.ts';
import type { Page, PageRequest } from '../paging.ts';
import type { WorkspaceRepository } from './repository.ts';
import { positionOf } from './workspace.ts';
import type { WorkspaceRecord } from './workspace.ts';

/** Attributes that exist for indexes only. */
interface WorkspaceItem extends WorkspaceRecord {
  readonly tenantUser?: string;
}

/** Workspaces in the table `{env}-workspaces`; a uniqueness item `unique#<localPathKey>` stands beside each local one. */
export class DynamoWorkspaceRepository implements WorkspaceRepository {
  readonly #deps: DynamoDeps;
  readonly #table: string;

  constructor(deps: DynamoDeps) {
    this.#deps = deps;
    this.#table = tableName(deps.env, 'workspaces');
  }

  async create(record: WorkspaceRecord): Promise<void> {
    await this.#deps.client.send(
      new PutCommand({
        TableName: this.#table,
        Item: itemOf(record),
        ConditionExpression: 'attribute_not_exists(workspaceId)',
      }),
    );
  }

  async createLocal(
    record: WorkspaceRecord & { readonly localPathKey: string },
  ): Promise<{ record: WorkspaceRecord; created: boolean }> {
    const guardId = guardOf(record.localPathKey);
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const existing = await this.#existingLocal(guardId, record.lastActiveAt);
      if (existing !== undefined) return { record: existing, created: false };
      if (await this.#createGuarded(record, guardId)) return { record, created: true };
    }
    throw new StewardError(
      'CONFLICT',
      'The workspace of this folder is being created and deleted at once. Try again.',
      {
        retryable: true,
      },
    );
  }

  async find(workspaceId: string): Promise<WorkspaceRecord | undefined> {
    const { Item } = await this.#deps.client.send(
      new GetCommand({ TableName: this.#table, Key: { workspaceId }, ConsistentRead: true }),
    );
    return Item === undefined || Item['tenantId'] === undefined ? undefined : recordOf(Item);
  }

  async listByOwner(owner: Owner, page: PageRequest): Promise<Page<WorkspaceRecord>> {
    const tenantUser = tenantUserOf(owner);
    const ExclusiveStartKey = page.after && {
      tenantUser,
      lastActiveAt: page.after.sortKey,
      workspaceId: page.after.id,
    };
    const command = new QueryCommand({
      TableName: this.#table,
      IndexName: 'byUser',
      KeyConditionExpression: 'tenantUser = :tenantUser',
      ExpressionAttributeValues: { ':tenantUser': tenantUser },
      ScanIndexForward: false,
      Limit: page.limit + 1,
      ...(ExclusiveStartKey && { ExclusiveStartKey }),
    });
    const result = await this.#deps.client.send(command).catch(refuseForeignCursor(ExclusiveStartKey));
    return cutPage((result.Items ?? []).map(recordOf), page.limit, positionOf);
  }

  async beginDeletion(
    workspaceId: string,
    at: string,
    options: { readonly inactiveSince?: string } = {},
  ): Promise<boolean> {
    const record = await this.find(workspaceId);
    if (record === undefined) return false;
    if (record.deletingSince !== undefined) return true;
    const mark = {
      TableName: this.#table,
      Key: { workspaceId },
      UpdateExpression: 'SET deletingSince = :at, updatedAt = :at REMOVE tenantUser',
      ConditionExpression:
        'attribute_exists(workspaceId) AND attribute_not_exists(deletingSince)' +
        (options.inactiveSince === undefined ? '' : ' AND lastActiveAt < :since'),
      ExpressionAttributeValues: {
        ':at': at,
        ...(options.inactiveSince === undefined ? {} : { ':since': options.inactiveSince }),
      },
    };
    const freePath =
      record.localPathKey === undefined
        ? []
        : [{ Delete: { TableName: this.#table, Key: { workspaceId: guardOf(record.localPathKey) } } }];
    try {
      await retryOnConflict(() =>
        this.#deps.client.send(new TransactWriteCommand({ TransactItems: [{ Update: mark }, ...freePath] })),
      );
      return true;
    } catch (error) {
      if (!isCancelledBy(error, 0)) throw error;
      return (await this.find(workspaceId))?.deletingSince !== undefined;
    }
  }

  async remove(workspaceId: string): Promise<void> {
    try {
      await this.#deps.client.send(
        new DeleteCommand({
          TableName: this.#table,
          Key: { workspaceId },
          ConditionExpression: 'attribute_exists(deletingSince)',
        }),
      );
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
    }
  }

  async *listPurgeable(inactiveSince: string): AsyncIterable<string> {
    let start: Record<string, unknown> | undefined;
    do {
      const result = await this.#deps.client.send(
        new ScanCommand({
          TableName: this.#table,
          ProjectionExpression: 'workspaceId',
          FilterExpression: 'attribute_exists(deletingSince) OR lastActiveAt < :since',
          ExpressionAttributeValues: { ':since': inactiveSince },
          ConsistentRead: true,
          ...(start && { ExclusiveStartKey: start }),
        }),
      );
      for (const item of result.Items ?? []) yield String(item['workspaceId']);
      start = result.LastEvaluatedKey;
    } while (start !== undefined);
  }

  async ping(): Promise<void> {
    await this.#deps.client.send(new GetCommand({ TableName: this.#table, Key: { workspaceId: 'ping' } }));
  }

  async #existingLocal(guardId: string, at: string): Promise<WorkspaceRecord | undefined> {
    const { Item } = await this.#deps.client.send(
      new GetCommand({ TableName: this.#table, Key: { workspaceId: guardId }, ConsistentRead: true }),
    );
    if (Item === undefined) return undefined;
    try {
      const { Attributes } = await retryOnConflict(() =>
        this.#deps.client.send(
          new UpdateCommand({
            TableName: this.#table,
            Key: { workspaceId: Item['guardedWorkspaceId'] },
            UpdateExpression: 'SET lastActiveAt = :at, updatedAt = :at',
            ConditionExpression: 'attribute_exists(workspaceId) AND attribute_not_exists(deletingSince)',
            ExpressionAttributeValues: { ':at': at },
            ReturnValues: 'ALL_NEW',
          }),
        ),
      );
      return Attributes === undefined ? undefined : recordOf(Attributes);
    } catch (error) {
      if (isConditionFailed(error)) return undefined;
      throw error;
    }
  }

  async #createGuarded(record: WorkspaceRecord, guardId: string): Promise<boolean> {
    const guard = {
      workspaceId: guardId,
      guardedWorkspaceId: record.workspaceId,
      createdAt: record.createdAt,
      updatedAt: record.updatedAt,
    };
    const ConditionExpression = 'attribute_not_exists(workspaceId)';
    try {
      await retryOnConflict(() =>
        this.#deps.client.send(
          new TransactWriteCommand({
            TransactItems: [
              { Put: { TableName: this.#table, Item: guard, ConditionExpression } },
              { Put: { TableName: this.#table, Item: itemOf(record), ConditionExpression } },
            ],
          }),
        ),
      );
      return true;
    } catch (error) {
      if (isCancelledBy(error, 0)) return false;
      throw error;
    }
  }
}

function guardOf(localPathKey: string): string {
  return `unique#${localPathKey}`;
}

function tenantUserOf(owner: Owner): string {
  return compositeKey(owner.tenantId, owner.userId);
}

function itemOf(record: WorkspaceRecord): WorkspaceItem {
  return { ...record, tenantUser: tenantUserOf(record) };
}

function recordOf(item: Record<string, unknown>): WorkspaceRecord {
  const { tenantUser: _index, ...record } = item as unknown as WorkspaceItem;
  return record;
}
