import { GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { StewardError } from '@steward/sdk';
import { isConditionFailed, queryPage, tableName } from '@steward/service-kit';
import type { DynamoDeps, Page, PageRequest } from '@steward/service-kit';
import type { Owner } from '../sessions/repository.ts';
import type { TaskRepository } from './repository.ts';
import type { StoredTask } from './task.ts';

/** Tasks in DynamoDB: PK `sessionId`, SK `taskId`, index `byTask`, index `byQueue` for tasks that wait for a runner. */
export class DynamoTaskRepository implements TaskRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  /** The client stays the caller's. */
  constructor({ client, env }: DynamoDeps) {
    this.#client = client;
    this.#table = tableName(env, 'tasks');
  }

  async get(owner: Required<Owner>, sessionId: string, taskId: string): Promise<StoredTask | undefined> {
    const { Item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: { sessionId, taskId }, ConsistentRead: true }),
    );
    return ownedTask(owner, Item);
  }

  async find(owner: Required<Owner>, taskId: string): Promise<StoredTask | undefined> {
    const { Items = [] } = await this.#client.send(
      new QueryCommand({
        TableName: this.#table,
        IndexName: 'byTask',
        KeyConditionExpression: 'taskId = :taskId',
        ExpressionAttributeValues: { ':taskId': taskId },
      }),
    );
    return Items.map((item) => ownedTask(owner, item)).find((task) => task !== undefined);
  }

  async list(owner: Required<Owner>, sessionId: string, page: PageRequest): Promise<Page<StoredTask>> {
    const found = await queryPage<Record<string, unknown>>(
      this.#client,
      {
        TableName: this.#table,
        KeyConditionExpression: 'sessionId = :sessionId',
        ExpressionAttributeValues: { ':sessionId': sessionId },
        ConsistentRead: true,
      },
      page,
      (item) => ({ sessionId, taskId: item['taskId'] }),
      (items) => items.filter((item) => ownedTask(owner, item) !== undefined),
    );
    return { ...found, items: found.items.map((item) => ownedTask(owner, item)!) };
  }

  async put(task: StoredTask): Promise<void> {
    const isNew = task.revision === 1;
    const queued = task.status === 'TASK_QUEUED' ? { queueStatus: `${task.tenantId}#TASK_QUEUED` } : {};
    try {
      await this.#client.send(
        new PutCommand({
          TableName: this.#table,
          Item: { ...task, ...queued },
          ConditionExpression: isNew ? 'attribute_not_exists(taskId)' : 'revision = :expected AND tenantId = :tenantId',
          ...(isNew
            ? {}
            : { ExpressionAttributeValues: { ':expected': task.revision - 1, ':tenantId': task.tenantId } }),
        }),
      );
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
      throw new StewardError('CONFLICT', `Task ${task.taskId} was changed meanwhile; load it and try again.`, {
        cause: error,
      });
    }
  }
}

function ownedTask(owner: Required<Owner>, item: Record<string, unknown> | undefined): StoredTask | undefined {
  if (item === undefined || item['tenantId'] !== owner.tenantId || item['userId'] !== owner.userId) return undefined;
  const { queueStatus: _queueStatus, ttl: _ttl, ...task } = item;
  return task as StoredTask;
}
