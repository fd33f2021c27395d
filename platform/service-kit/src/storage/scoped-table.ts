import { randomUUID } from 'node:crypto';
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  GetItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { QueryCommandInput, WriteRequest } from '@aws-sdk/client-dynamodb';
import { StewardError } from '@steward/sdk';
import { attributesOf, itemOf } from './attributes.ts';
import type { Attributes, Item } from './attributes.ts';
import { isConditionFailed, retryContention, tableName } from './dynamo.ts';
import type { DynamoDeps } from './dynamo.ts';
import { decodeCursor, encodeCursor, limitOf } from './pages.ts';
import type { Page, PageRequest } from './pages.ts';
import { ScopedWrite, inputOf } from './scoped-write.ts';
import type { WriteOptions } from './scoped-write.ts';
import { indexOf, refuseMoving, tableDefinition, withoutKeys, writeIdAttribute } from './table-keys.ts';
import { assertOwnTenant, tenantKey } from './tenant-scope.ts';
import type { TenantScope } from './tenant-scope.ts';

/** Where one row lies within its tenant: the parts of its key, and its sort key where the table has one. */
export interface RowAddress {
  readonly id: readonly string[];
  readonly sort?: string | number;
}

/** Where a list goes on: after this row. `id` may be the joined key that a row was found under. */
export interface StartAfter {
  readonly id: readonly string[] | string;
  readonly sort?: string | number;
  readonly indexSort?: string | number;
}

/** A list within the tenant; conditions are written as DynamoDB expressions over the other attributes. */
export interface ScopedQuery {
  readonly index?: string;
  /** Parts of the partition's key after the tenant. */
  readonly id: readonly string[];
  /** Condition on the sort key, such as `begins_with(#v, :prefix)`. */
  readonly and?: string;
  readonly filter?: string;
  readonly names?: Record<string, string>;
  readonly values?: Record<string, unknown>;
  readonly newestFirst?: boolean;
  readonly after?: StartAfter;
  /** Rows per request; the store's own measure unless given. */
  readonly pageSize?: number;
  /** Rows of the first request, where a reader may soon have enough; the next ones grow fourfold up to `pageSize`. */
  readonly firstPageSize?: number;
  /** Attributes that are wanted, `tenantId` beside them; all unless given. */
  readonly attributes?: readonly string[];
}

/** Part of a list whose filter may leave out much. */
export interface FilteredPart {
  readonly items: readonly Item[];
  /** How many rows the store looked at for it, those left out included. */
  readonly looked: number;
  /** Behind the last row looked at; absent at the end of the list. */
  readonly next?: StartAfter;
}

/**
 * One table as one tenant sees it. It puts the tenant into every key, so that another tenant's id is another key,
 * refuses to write a row of another tenant, and checks the tenant of every row that comes back. Rows carry `tenantId`;
 * the key attributes that this class adds are taken away again on reading. Reads of the table itself are consistent.
 */
export class ScopedTable {
  readonly #deps: DynamoDeps;
  readonly #scope: TenantScope;
  readonly #definition: ReturnType<typeof tableDefinition>;
  readonly #name: string;

  /** @param table a name of the contracts' tables. The client stays the caller's. */
  constructor(deps: DynamoDeps, table: string, scope: TenantScope) {
    this.#deps = deps;
    this.#scope = scope;
    this.#definition = tableDefinition(table);
    this.#name = tableName(deps.env, table);
  }

  async get(address: RowAddress): Promise<Item | undefined> {
    const Key = this.#keyOf(address);
    const { Item: found } = await this.#deps.client.send(
      new GetItemCommand({ TableName: this.#name, Key, ConsistentRead: true }),
    );
    return found === undefined ? undefined : this.#read(itemOf(found));
  }

  /** The rows that exist, in no order. */
  async getMany(addresses: readonly RowAddress[]): Promise<Item[]> {
    const items: Item[] = [];
    let keys: Attributes[] = addresses.map((address) => this.#keyOf(address));
    while (keys.length > 0) {
      const RequestItems = { [this.#name]: { Keys: keys.slice(0, 100), ConsistentRead: true } };
      const answer = await this.#deps.client.send(new BatchGetItemCommand({ RequestItems }));
      items.push(...(answer.Responses?.[this.#name] ?? []).map((found) => this.#read(itemOf(found))));
      keys = [...keys.slice(100), ...(answer.UnprocessedKeys?.[this.#name]?.Keys ?? [])];
    }
    return items;
  }

  /** Stores a row whole. @param indexes per index the parts of its key after the tenant; left out: not in that index */
  put(row: Item, id: readonly string[], indexes: Record<string, readonly string[]> = {}, options: WriteOptions = {}) {
    assertOwnTenant(this.#scope, row);
    const { hashKey, rangeKey } = this.#definition;
    if (rangeKey !== undefined && row[rangeKey] === undefined)
      throw new Error(`A row of ${this.#name} has no ${rangeKey}.`);
    const keys = Object.entries(indexes).map(([index, parts]) => [
      indexOf(this.#definition, index).hashKey,
      tenantKey(this.#scope, ...parts),
    ]);
    const stored = {
      ...row,
      ...Object.fromEntries(keys),
      [hashKey]: tenantKey(this.#scope, ...id),
      [writeIdAttribute]: randomUUID(),
    };
    return new ScopedWrite(this.#scope, {
      Put: { TableName: this.#name, Item: attributesOf(stored), ...inputOf(options) },
    });
  }

  /** Changes attributes of a row; `set` must not name the tenant or a key. */
  update(address: RowAddress, update: string, options: WriteOptions = {}) {
    refuseMoving(this.#definition, update, options);
    return new ScopedWrite(this.#scope, {
      Update: {
        TableName: this.#name,
        Key: this.#keyOf(address),
        UpdateExpression: update,
        ...inputOf(options),
      },
    });
  }

  delete(address: RowAddress, options: WriteOptions = {}) {
    return new ScopedWrite(this.#scope, {
      Delete: { TableName: this.#name, Key: this.#keyOf(address), ...inputOf(options) },
    });
  }

  /** Makes one write. @returns the whole row after an update */
  async run(write: ScopedWrite, attempts?: number): Promise<Item | undefined> {
    const send = () => this.#deps.client.send(write.command(this.#scope));
    const answer = await retryContention(send, attempts).catch(async (error: unknown) => {
      if (await this.#isOwnPut(write, error)) return { Attributes: undefined };
      throw error;
    });
    return answer.Attributes === undefined ? undefined : this.#read(itemOf(answer.Attributes));
  }

  /** Makes several writes, also of other tables of the same tenant, all or none. */
  async runTogether(writes: readonly ScopedWrite[], attempts?: number): Promise<void> {
    const TransactItems = writes.map((write) => write.transactItem(this.#scope));
    await retryContention(() => this.#deps.client.send(new TransactWriteItemsCommand({ TransactItems })), attempts);
  }

  /** Removes rows without a condition, 25 at a time, until the store has taken all. */
  async deleteMany(addresses: readonly RowAddress[]): Promise<void> {
    let requests: WriteRequest[] = addresses.map((address) => ({ DeleteRequest: { Key: this.#keyOf(address) } }));
    for (let attempt = 0; requests.length > 0;) {
      const RequestItems = { [this.#name]: requests.slice(0, 25) };
      const { UnprocessedItems } = await this.#deps.client.send(new BatchWriteItemCommand({ RequestItems }));
      const left = UnprocessedItems?.[this.#name] ?? [];
      requests = [...requests.slice(25), ...left];
      attempt = left.length === 0 ? 0 : attempt + 1;
      if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, Math.min(1000, 20 * 2 ** attempt)));
    }
  }

  /** Every row of a list, fetched as they are taken. Throws INVALID_REQUEST when `after` is no place of this list. */
  async *query(query: ScopedQuery): AsyncGenerator<Item> {
    for await (const { raws } of this.#raw(query)) for (const raw of raws) yield this.#read(raw);
  }

  /** The same in parts, one per answer of the store: a part is fetched when it is taken, and costs one wait. */
  async *queryParts(query: ScopedQuery): AsyncGenerator<Item[]> {
    for await (const { raws } of this.#raw(query)) if (raws.length > 0) yield raws.map((raw) => this.#read(raw));
  }

  /** Every part with how far it came, also those of which the filter left nothing. */
  async *queryFiltered(query: ScopedQuery): AsyncGenerator<FilteredPart> {
    for await (const { raws, looked, last } of this.#raw(query))
      yield {
        items: raws.map((raw) => this.#read(raw)),
        looked,
        ...(last === undefined ? {} : { next: this.#placeOf(itemOf(last), query.index) }),
      };
  }

  /** One page of a list. Rows that `select` leaves out do not count: the query goes on until the page is full. */
  async queryPage(
    query: ScopedQuery,
    request: PageRequest,
    select: (items: Item[]) => Promise<Item[]> | Item[] = (items) => items,
  ): Promise<Page<Item>> {
    const limit = limitOf(request);
    const after = request.cursor === undefined ? {} : { after: positionOf(decodeCursor(request.cursor)) };
    const items: Item[] = [];
    const rawOf = new Map<Item, Item>();
    for await (const { raws } of this.#raw({ ...query, ...after, pageSize: limit + 1 })) {
      if (raws.length === 0) continue;
      const rows = raws.map((raw) => this.#read(raw));
      rows.forEach((row, at) => rawOf.set(row, raws[at] as Item));
      items.push(...(await select(rows)));
      if (items.length > limit) break;
    }
    const page = items.slice(0, limit);
    const last = page.at(-1);
    const lastRaw = last === undefined ? undefined : rawOf.get(last);
    return {
      items: page,
      ...(items.length > limit && lastRaw !== undefined
        ? { nextCursor: encodeCursor({ ...this.#placeOf(lastRaw, query.index) }) }
        : {}),
    };
  }

  /**
   * True when a put was refused by the very row it stored: the client repeats a request whose answer was lost. Every put
   * leaves an id of its own in its row, so that two writers of equal rows are told apart.
   */
  async #isOwnPut(write: ScopedWrite, error: unknown): Promise<boolean> {
    const { Put } = write.transactItem(this.#scope);
    if (Put?.Item === undefined || !isConditionFailed(error)) return false;
    const { hashKey, rangeKey } = this.#definition;
    const stored = itemOf(Put.Item);
    const Key = attributesOf({ [hashKey]: stored[hashKey], ...(rangeKey ? { [rangeKey]: stored[rangeKey] } : {}) });
    const { Item: found } = await this.#deps.client.send(
      new GetItemCommand({ TableName: this.#name, Key, ConsistentRead: true }),
    );
    return found !== undefined && itemOf(found)[writeIdAttribute] === stored[writeIdAttribute];
  }

  async *#raw(query: ScopedQuery): AsyncGenerator<RawPart> {
    const input = this.#inputOf(query);
    let start = query.after === undefined ? undefined : this.#startKey(query, query.after);
    let size = query.firstPageSize;
    do {
      const part = { ...(size === undefined ? {} : { Limit: Math.min(size, query.pageSize ?? size) }) };
      const command = new QueryCommand({
        ...input,
        ...part,
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      });
      size = size === undefined ? undefined : 4 * size;
      const answer = await this.#deps.client.send(command).catch((error: unknown) => refuseCursor(error, query.after));
      start = answer.LastEvaluatedKey;
      yield { raws: (answer.Items ?? []).map(itemOf), looked: answer.ScannedCount ?? 0, last: start };
    } while (start !== undefined);
  }

  #inputOf(query: ScopedQuery): QueryCommandInput {
    const hashKey =
      query.index === undefined ? this.#definition.hashKey : indexOf(this.#definition, query.index).hashKey;
    const selected = selectionOf(query.attributes);
    return {
      TableName: this.#name,
      ...(query.index === undefined ? { ConsistentRead: true } : { IndexName: query.index }),
      KeyConditionExpression: `#partition = :partition${query.and === undefined ? '' : ` AND ${query.and}`}`,
      ...(query.filter === undefined ? {} : { FilterExpression: query.filter }),
      ExpressionAttributeNames: { ...query.names, '#partition': hashKey, ...selected.names },
      ExpressionAttributeValues: attributesOf({ ...query.values, ':partition': tenantKey(this.#scope, ...query.id) }),
      ScanIndexForward: query.newestFirst !== true,
      ...(query.pageSize === undefined ? {} : { Limit: query.pageSize }),
      ...selected.expression,
    };
  }

  #startKey(query: ScopedQuery, after: StartAfter): Attributes {
    const { hashKey, rangeKey } = this.#definition;
    const index = query.index === undefined ? undefined : indexOf(this.#definition, query.index);
    const own =
      typeof after.id === 'string' ? after.id : tenantKey(this.#scope, ...after.id).slice(this.#prefix.length);
    return attributesOf({
      // The tenant is this scope's, whatever the cursor came from.
      [hashKey]: index === undefined ? tenantKey(this.#scope, ...query.id) : `${this.#prefix}${own}`,
      ...(rangeKey === undefined ? {} : { [rangeKey]: after.sort }),
      ...(index === undefined ? {} : { [index.hashKey]: tenantKey(this.#scope, ...query.id) }),
      ...(index?.rangeKey === undefined ? {} : { [index.rangeKey]: after.indexSort }),
    });
  }

  /** Where a row lies, or a key of one. */
  #placeOf(raw: Item, indexName: string | undefined): StartAfter {
    const { hashKey, rangeKey } = this.#definition;
    const index = indexName === undefined ? undefined : indexOf(this.#definition, indexName);
    return {
      id: String(raw[hashKey]).slice(this.#prefix.length),
      ...(rangeKey === undefined ? {} : { sort: raw[rangeKey] as string | number }),
      ...(index?.rangeKey === undefined ? {} : { indexSort: raw[index.rangeKey] as string | number }),
    };
  }

  get #prefix(): string {
    return `${tenantKey(this.#scope)}#`;
  }

  #keyOf({ id, sort }: RowAddress): Attributes {
    const { hashKey, rangeKey } = this.#definition;
    if ((rangeKey === undefined) !== (sort === undefined)) throw new Error(`A key of ${this.#name} is not whole.`);
    return attributesOf({
      [hashKey]: tenantKey(this.#scope, ...id),
      ...(rangeKey === undefined ? {} : { [rangeKey]: sort }),
    });
  }

  #read(item: Item): Item {
    assertOwnTenant(this.#scope, item);
    return withoutKeys(this.#definition, item);
  }
}

/** One answer of the store to a query. */
interface RawPart {
  readonly raws: Item[];
  readonly looked: number;
  readonly last: Attributes | undefined;
}

/** The table as the scope's tenant sees it. */
export function scopedTable(deps: DynamoDeps, table: string, scope: TenantScope): ScopedTable {
  return new ScopedTable(deps, table, scope);
}

/** What a query says to get some attributes only; the tenant is always among them, since it is checked. */
function selectionOf(attributes: readonly string[] | undefined) {
  if (attributes === undefined) return { names: {}, expression: {} };
  const wanted = [...new Set(['tenantId', ...attributes])];
  return {
    names: Object.fromEntries(wanted.map((name, at) => [`#selected${at}`, name])),
    expression: { ProjectionExpression: wanted.map((_, at) => `#selected${at}`).join(', ') },
  };
}

function positionOf(position: Record<string, string | number>): StartAfter {
  const { id, sort, indexSort } = position;
  return {
    id: String(id),
    ...(sort === undefined ? {} : { sort }),
    ...(indexSort === undefined ? {} : { indexSort }),
  };
}

function refuseCursor(cause: unknown, after: StartAfter | undefined): never {
  // A made-up cursor reaches the store as a start key of the wrong shape.
  if (after === undefined || (cause as { name?: unknown }).name !== 'ValidationException') throw cause;
  throw new StewardError('INVALID_REQUEST', 'The cursor does not belong to this list; start again without it.', {
    cause,
    details: { field: 'cursor' },
  });
}
