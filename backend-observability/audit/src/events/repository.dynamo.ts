import { BatchGetCommand, GetCommand, QueryCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { StewardError } from '@steward/sdk';
import { cancelReasonsOf, compositeKey, isContention, tableName } from '@steward/service-kit';
import type { DynamoDeps } from '@steward/service-kit';
import { eventItem, referenceItem, referenceKey, referenceOfItem, storedOf, tenantDayOf } from './event-items.ts';
import type { Item } from './event-items.ts';
import { referenceOf, streamName } from './event.ts';
import type { EventReference, StoredEvent, StreamKey } from './event.ts';
import type { EventRepository, TimePosition, TimeRange } from './repository.ts';

const pageSize = 200;

/**
 * Events in the table `{env}-audit-events`: one item per event under its stream and number, and one item per event id.
 * Both are only ever put where nothing lies, so numbers have no gaps and neither updates nor deletes are needed.
 */
export class DynamoEventRepository implements EventRepository {
  readonly #deps: DynamoDeps;
  readonly #table: string;

  constructor(deps: DynamoDeps) {
    this.#deps = deps;
    this.#table = tableName(deps.env, 'audit-events');
  }

  async head(stream: StreamKey): Promise<StoredEvent | undefined> {
    const { Items } = await this.#deps.client.send(
      new QueryCommand({ ...this.#streamQuery(stream, 1), ScanIndexForward: false, Limit: 1 }),
    );
    return Items?.[0] && storedOf(Items[0]);
  }

  async append(events: readonly StoredEvent[]): Promise<boolean> {
    if (events.length === 0) return true;
    const put = (item: Item) => ({
      Put: {
        TableName: this.#table,
        Item: item,
        ConditionExpression: 'attribute_not_exists(#stream)',
        ExpressionAttributeNames: { '#stream': 'stream' },
      },
    });
    const TransactItems = events.flatMap((stored) => [
      put(eventItem(stored)),
      put(referenceItem(referenceOf(stored), stored.createdAt)),
    ]);
    try {
      await this.#deps.client.send(new TransactWriteCommand({ TransactItems }));
      return true;
    } catch (error) {
      if (isContention(error) || cancelReasonsOf(error)?.includes('ConditionalCheckFailed')) return false;
      throw error;
    }
  }

  async findReferences(tenantId: string, eventIds: readonly string[]): Promise<ReadonlyMap<string, EventReference>> {
    let keys = [...new Set(eventIds)].map((eventId): Item => ({ stream: referenceKey(tenantId, eventId), seq: 0 }));
    const found = new Map<string, EventReference>();
    while (keys.length > 0) {
      const batch = keys.slice(0, 100);
      const { Responses, UnprocessedKeys } = await this.#deps.client.send(
        new BatchGetCommand({ RequestItems: { [this.#table]: { Keys: batch, ConsistentRead: true } } }),
      );
      for (const item of Responses?.[this.#table] ?? []) {
        const reference = referenceOfItem(item);
        found.set(reference.eventId, reference);
      }
      keys = [...keys.slice(100), ...(UnprocessedKeys?.[this.#table]?.Keys ?? [])];
    }
    return found;
  }

  async get(stream: StreamKey, seq: number): Promise<StoredEvent | undefined> {
    const { Item } = await this.#deps.client.send(
      new GetCommand({ TableName: this.#table, Key: { stream: streamName(stream), seq }, ConsistentRead: true }),
    );
    return Item && storedOf(Item);
  }

  readStream(stream: StreamKey, fromSeq: number): AsyncIterable<StoredEvent> {
    return this.#query(this.#streamQuery(stream, fromSeq));
  }

  readSession(tenantId: string, sessionId: string, after?: TimePosition): AsyncIterable<StoredEvent> {
    const tenantSession = compositeKey(tenantId, sessionId);
    return this.#query({
      TableName: this.#table,
      IndexName: 'bySession',
      KeyConditionExpression: 'tenantSession = :session',
      ExpressionAttributeValues: { ':session': tenantSession },
      ...(after && { ExclusiveStartKey: { tenantSession, ...after } }),
    });
  }

  readDay(tenantId: string, day: string, range: TimeRange, after?: TimePosition): AsyncIterable<StoredEvent> {
    const tenantDay = tenantDayOf(tenantId, day);
    return this.#query({
      TableName: this.#table,
      IndexName: 'byTenantDay',
      KeyConditionExpression: 'tenantDay = :day AND timeKey BETWEEN :from AND :to',
      // `#` and `$` stand right before and after the separator that follows a timestamp in the key.
      ExpressionAttributeValues: { ':day': tenantDay, ':from': `${range.from}#`, ':to': `${range.to}$` },
      ScanIndexForward: false,
      ...(after && { ExclusiveStartKey: { tenantDay, ...after } }),
    });
  }

  async ping(): Promise<void> {
    await this.#deps.client.send(new GetCommand({ TableName: this.#table, Key: { stream: 'ping', seq: 0 } }));
  }

  #streamQuery(stream: StreamKey, fromSeq: number): QueryCommandInput {
    return {
      TableName: this.#table,
      ConsistentRead: true,
      KeyConditionExpression: '#stream = :stream AND seq >= :from',
      ExpressionAttributeNames: { '#stream': 'stream' },
      ExpressionAttributeValues: { ':stream': streamName(stream), ':from': fromSeq },
    };
  }

  async *#query(input: QueryCommandInput): AsyncIterable<StoredEvent> {
    let start = input.ExclusiveStartKey;
    do {
      const command = new QueryCommand({ ...input, Limit: pageSize, ...(start && { ExclusiveStartKey: start }) });
      const result = await this.#deps.client.send(command).catch(refuseForeignCursor(input.ExclusiveStartKey));
      for (const item of result.Items ?? []) yield storedOf(item);
      start = result.LastEvaluatedKey;
    } while (start !== undefined);
  }
}

function refuseForeignCursor(startKey: object | undefined): (error: unknown) => never {
  return (cause) => {
    if (startKey === undefined || (cause as { name?: unknown }).name !== 'ValidationException') throw cause;
    throw new StewardError(
      'INVALID_REQUEST',
      'cursor: it was not given out by this list. Start again without a cursor.',
      {
        cause,
        details: { field: 'cursor' },
      },
    );
  };
}
