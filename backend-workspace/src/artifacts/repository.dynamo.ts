import {
  BatchWriteCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import type { PutCommandInput, QueryCommandInput, TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { StewardError } from '@steward/sdk';
import { isConditionFailed, tableName } from '@steward/service-kit';
import type { DynamoDeps } from '@steward/service-kit';
import { isCancelledBy, refuseForeignCursor, retryOnConflict } from '../dynamo-conflicts.ts';
import { cutPage } from '../paging.ts';
import type { Page, PageRequest, Position } from '../paging.ts';
import { artifactItem, artifactOf, cleanupShards, sessionItem, sessionItemId, sessionOf } from './artifact-items.ts';
import { nextSessionEntry } from './artifact.ts';
import type { ArtifactRecord, SessionEntry } from './artifact.ts';
import type { ArtifactFilter, ArtifactRepository, Commitment, Reservation, StoredContent } from './repository.ts';

type Item = Record<string, unknown>;
type Write = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** Artifacts' facts in the table `{env}-artifacts`; transactions also touch `{env}-workspaces`. */
export class DynamoArtifactRepository implements ArtifactRepository {
  readonly #deps: DynamoDeps;
  readonly #table: string;
  readonly #workspaces: string;

  constructor(deps: DynamoDeps) {
    this.#deps = deps;
    this.#table = tableName(deps.env, 'artifacts');
    this.#workspaces = tableName(deps.env, 'workspaces');
  }

  async reserve(record: ArtifactRecord): Promise<Reservation> {
    try {
      await this.#transact([
        this.#touchWorkspace(record.workspaceId, record.createdAt),
        {
          Put: {
            TableName: this.#table,
            Item: artifactItem(record),
            ConditionExpression: 'attribute_not_exists(artifactId)',
          },
        },
      ]);
      return { outcome: 'reserved' };
    } catch (error) {
      if (isCancelledBy(error, 0)) return { outcome: 'gone' };
      if (!isCancelledBy(error, 1)) throw error;
      const artifact = await this.find(record.workspaceId, record.artifactId);
      return artifact === undefined ? this.reserve(record) : { outcome: 'exists', artifact };
    }
  }

  async commit(workspaceId: string, artifactId: string, content: StoredContent, at: string): Promise<Commitment> {
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const pending = await this.find(workspaceId, artifactId);
      if (pending === undefined || pending.status === 'discarded') return { outcome: 'gone' };
      if (pending.status === 'stored') return { outcome: 'committed', artifact: pending };
      const { cleanupAt: _cleanup, ...rest } = pending;
      const artifact: ArtifactRecord = { ...rest, ...content, status: 'stored', updatedAt: at };
      const history = await this.#historySwitch(artifact, at);
      try {
        await this.#transact([
          this.#touchWorkspace(workspaceId, at),
          this.#putWhile(artifactItem(artifact), '#status = :status', { ':status': 'pending' }),
          ...history.writes,
        ]);
        return { outcome: 'committed', artifact, ...(history.replaced && { replaced: history.replaced }) };
      } catch (error) {
        if (isCancelledBy(error, 0)) return { outcome: 'gone' };
        // Somebody committed this artifact or another history in between: look again.
        if (![1, 2, 3].some((index) => isCancelledBy(error, index))) throw error;
      }
    }
    throw new StewardError(
      'CONFLICT',
      `The history of artifact ${artifactId} is being replaced by many writers at once. Try again.`,
      {
        retryable: true,
      },
    );
  }

  async find(workspaceId: string, artifactId: string): Promise<ArtifactRecord | undefined> {
    return artifactOf(await this.#get(workspaceId, artifactId));
  }

  async findSession(workspaceId: string, sessionId: string): Promise<SessionEntry | undefined> {
    return sessionOf(await this.#get(workspaceId, sessionItemId(sessionId)));
  }

  async list(workspaceId: string, filter: ArtifactFilter, page: PageRequest): Promise<Page<ArtifactRecord>> {
    const query =
      filter.sessionId === undefined
        ? this.#byWorkspace(workspaceId, filter, page)
        : this.#bySession(workspaceId, filter.sessionId, filter, page);
    const found: ArtifactRecord[] = [];
    for await (const item of this.#query(query)) {
      const record = artifactOf(item);
      if (record !== undefined) found.push(record);
      if (found.length > page.limit) break;
    }
    return cutPage(found, page.limit, filter.sessionId === undefined ? byId : byTypeAndTime);
  }

  async listSessions(workspaceId: string, page: PageRequest): Promise<Page<SessionEntry>> {
    const found: SessionEntry[] = [];
    const query: QueryCommandInput = {
      TableName: this.#table,
      ConsistentRead: true,
      KeyConditionExpression: 'workspaceId = :workspaceId AND begins_with(artifactId, :prefix)',
      ExpressionAttributeValues: { ':workspaceId': workspaceId, ':prefix': sessionItemId('') },
      ScanIndexForward: false,
      Limit: page.limit + 1,
      ...(page.after && { ExclusiveStartKey: { workspaceId, artifactId: sessionItemId(page.after.id) } }),
    };
    for await (const item of this.#query(query)) {
      const entry = sessionOf(item);
      if (entry !== undefined) found.push(entry);
      if (found.length > page.limit) break;
    }
    return cutPage(found, page.limit, ({ sessionId }) => ({ sortKey: sessionId, id: sessionId }));
  }

  async abandon(workspaceId: string, artifactId: string, at: string): Promise<boolean> {
    const record = await this.find(workspaceId, artifactId);
    if (record === undefined || record.status === 'stored') return false;
    const { Put } = this.#putWhile(
      artifactItem({ ...record, status: 'discarded', updatedAt: at, cleanupAt: at }),
      '#status = :status',
      { ':status': record.status },
    );
    try {
      await this.#deps.client.send(new PutCommand(Put));
      return true;
    } catch (error) {
      if (isConditionFailed(error)) return false;
      throw error;
    }
  }

  async discard(workspaceId: string, artifactId: string): Promise<void> {
    try {
      await this.#deps.client.send(
        new DeleteCommand({
          TableName: this.#table,
          Key: { workspaceId, artifactId },
          ConditionExpression: '#status = :discarded',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: { ':discarded': 'discarded' },
        }),
      );
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
    }
  }

  async *listDue(now: string): AsyncIterable<ArtifactRecord> {
    for (const shard of cleanupShards) {
      const due = this.#query({
        TableName: this.#table,
        IndexName: 'byCleanup',
        KeyConditionExpression: 'cleanupShard = :shard AND cleanupAt <= :now',
        ExpressionAttributeValues: { ':shard': shard, ':now': now },
      });
      for await (const item of due) {
        const record = artifactOf(item);
        if (record !== undefined) yield record;
      }
    }
  }

  async *listAll(workspaceId: string): AsyncIterable<ArtifactRecord> {
    for await (const item of this.#allOf(workspaceId)) {
      const record = artifactOf(item);
      if (record !== undefined) yield record;
    }
  }

  async removeAll(workspaceId: string): Promise<void> {
    let batch: Item[] = [];
    for await (const item of this.#allOf(workspaceId)) {
      batch.push({ workspaceId, artifactId: item['artifactId'] });
      if (batch.length === 25) {
        await this.#removeBatch(batch);
        batch = [];
      }
    }
    if (batch.length > 0) await this.#removeBatch(batch);
  }

  async count(workspaceId: string): Promise<number> {
    let count = 0;
    for await (const _item of this.#allOf(workspaceId)) count += 1;
    return count;
  }

  /** The writes that make a history the session's own; empty for other artifacts. */
  async #historySwitch(artifact: ArtifactRecord, at: string): Promise<{ writes: Write[]; replaced?: ArtifactRecord }> {
    const { artifactType, snapshotAfterTaskId, workspaceId } = artifact;
    if (artifactType !== 'session_history' || snapshotAfterTaskId === undefined) return { writes: [] };
    const previous = await this.findSession(workspaceId, artifact.sessionId);
    const item = sessionItem(nextSessionEntry(previous, { ...artifact, snapshotAfterTaskId }, at));
    if (previous === undefined) {
      const ConditionExpression = 'attribute_not_exists(artifactId)';
      return { writes: [{ Put: { TableName: this.#table, Item: item, ConditionExpression } }] };
    }
    const entry: Write = {
      Put: {
        TableName: this.#table,
        Item: item,
        ConditionExpression: 'historyId = :previous',
        ExpressionAttributeValues: { ':previous': previous.artifactId },
      },
    };
    const old = await this.find(workspaceId, previous.artifactId);
    if (old === undefined) return { writes: [entry] };
    const replaced: ArtifactRecord = { ...old, status: 'discarded', updatedAt: at, cleanupAt: at };
    return {
      writes: [entry, this.#putWhile(artifactItem(replaced), '#status = :status', { ':status': old.status })],
      replaced,
    };
  }

  #touchWorkspace(workspaceId: string, at: string): Write {
    return {
      Update: {
        TableName: this.#workspaces,
        Key: { workspaceId },
        UpdateExpression: 'SET lastActiveAt = :at, updatedAt = :at',
        ConditionExpression: 'attribute_exists(workspaceId) AND attribute_not_exists(deletingSince)',
        ExpressionAttributeValues: { ':at': at },
      },
    };
  }

  #putWhile(item: Item, condition: string, values: Item): { Put: PutCommandInput } {
    return {
      Put: {
        TableName: this.#table,
        Item: item,
        ConditionExpression: condition,
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: values,
      },
    };
  }

  #byWorkspace(workspaceId: string, filter: ArtifactFilter, page: PageRequest): QueryCommandInput {
    const byType = filter.artifactType === undefined ? '' : ' AND artifactType = :type';
    return {
      TableName: this.#table,
      ConsistentRead: true,
      KeyConditionExpression: 'workspaceId = :workspaceId AND begins_with(artifactId, :prefix)',
      FilterExpression: `#status <> :discarded${byType}`,
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: {
        ':workspaceId': workspaceId,
        ':prefix': 'art_',
        ':discarded': 'discarded',
        ...(filter.artifactType && { ':type': filter.artifactType }),
      },
      ScanIndexForward: false,
      ...(page.after && { ExclusiveStartKey: { workspaceId, artifactId: page.after.id } }),
    };
  }

  #bySession(workspaceId: string, sessionId: string, filter: ArtifactFilter, page: PageRequest): QueryCommandInput {
    return {
      TableName: this.#table,
      IndexName: 'bySession',
      KeyConditionExpression: 'sessionId = :sessionId AND begins_with(typeCreatedAt, :prefix)',
      // A session id is only a text that a client sent: another workspace may hold the same one.
      FilterExpression: 'workspaceId = :workspaceId',
      ExpressionAttributeValues: {
        ':sessionId': sessionId,
        ':prefix': filter.artifactType === undefined ? '' : `${filter.artifactType}#`,
        ':workspaceId': workspaceId,
      },
      ScanIndexForward: false,
      ...(page.after && {
        ExclusiveStartKey: { sessionId, typeCreatedAt: page.after.sortKey, workspaceId, artifactId: page.after.id },
      }),
    };
  }

  async *#allOf(workspaceId: string): AsyncIterable<Item> {
    yield* this.#query({
      TableName: this.#table,
      ConsistentRead: true,
      KeyConditionExpression: 'workspaceId = :workspaceId',
      ExpressionAttributeValues: { ':workspaceId': workspaceId },
    });
  }

  async *#query(input: QueryCommandInput): AsyncIterable<Item> {
    let start = input.ExclusiveStartKey;
    do {
      const command = new QueryCommand({ ...input, ...(start && { ExclusiveStartKey: start }) });
      const result = await this.#deps.client.send(command).catch(refuseForeignCursor(input.ExclusiveStartKey));
      yield* result.Items ?? [];
      start = result.LastEvaluatedKey;
    } while (start !== undefined);
  }

  async #get(workspaceId: string, artifactId: string): Promise<Item | undefined> {
    const command = new GetCommand({ TableName: this.#table, Key: { workspaceId, artifactId }, ConsistentRead: true });
    return (await this.#deps.client.send(command)).Item;
  }

  async #removeBatch(keys: readonly Item[]): Promise<void> {
    let requests = keys.map((Key) => ({ DeleteRequest: { Key } })) as { DeleteRequest: { Key: Item } }[];
    for (let attempt = 0; requests.length > 0; attempt += 1) {
      if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, Math.min(1000, 20 * 2 ** attempt)));
      const { UnprocessedItems } = await this.#deps.client.send(
        new BatchWriteCommand({ RequestItems: { [this.#table]: requests } }),
      );
      requests = (UnprocessedItems?.[this.#table] ?? []) as typeof requests;
    }
  }

  async #transact(writes: Write[]): Promise<void> {
    await retryOnConflict(() => this.#deps.client.send(new TransactWriteCommand({ TransactItems: writes })));
  }
}

function byId(record: ArtifactRecord): Position {
  return { sortKey: record.artifactId, id: record.artifactId };
}

function byTypeAndTime(record: ArtifactRecord): Position {
  return { sortKey: `${record.artifactType}#${record.createdAt}#${record.artifactId}`, id: record.artifactId };
}
