import {
  absent,
  assertOwnTenant,
  cancelReasonsOf,
  isContention,
  pingTable,
  scanSlice,
  scopedTable,
} from '@steward/service-kit';
import type {
  DynamoDeps,
  RowPlace,
  ScopedQuery,
  ScopedTable,
  ScopedWrite,
  StartAfter,
  SystemScope,
  TenantScope,
} from '@steward/service-kit';
import {
  chainRowOf,
  eventItem,
  referenceItem,
  referenceOfItem,
  storedOf,
  textAttributes,
  textOfItem,
} from './event-items.ts';
import { dayOf, referenceOf } from './event.ts';
import type { EventReference, StoredEvent, StreamKey } from './event.ts';
import type {
  Amount,
  ChainSlice,
  EventRepository,
  EventText,
  PersonPart,
  TimePosition,
  TimeRange,
} from './repository.ts';

const pageSize = 200;
/** Every row that is not needed costs; 600 is about what the store answers at once. */
const pagesOf = { few: { firstPageSize: 25, pageSize }, many: { pageSize: 600 } };
/** Rows of others cost the store only: they are looked at and stay there. */
const personPages = { firstPageSize: 150, pageSize: 600 };

/**
 * Events in the table `{env}-audit-events`: one item per event under its stream and number, and one item per event id.
 * Both are only ever put where nothing lies, so numbers have no gaps and neither updates nor deletes are needed.
 */
export class DynamoEventRepository implements EventRepository {
  readonly #deps: DynamoDeps;

  constructor(deps: DynamoDeps) {
    this.#deps = deps;
  }

  async head(scope: TenantScope, stream: StreamKey): Promise<StoredEvent | undefined> {
    const newest = { id: streamId(scope, stream), newestFirst: true, pageSize: 1 };
    for await (const item of this.#table(scope).query(newest)) return storedOf(item);
    return undefined;
  }

  async append(scope: TenantScope, events: readonly StoredEvent[]): Promise<boolean> {
    if (events.length === 0) return true;
    const table = this.#table(scope);
    try {
      // Contention is an answer here: the appender looks at the head again before it tries once more.
      await table.runTogether(
        events.flatMap((stored) => writesOf(table, stored)),
        1,
      );
      return true;
    } catch (error) {
      if (isContention(error) || cancelReasonsOf(error)?.includes('ConditionalCheckFailed')) return false;
      throw error;
    }
  }

  async findReferences(scope: TenantScope, eventIds: readonly string[]): Promise<ReadonlyMap<string, EventReference>> {
    const addresses = [...new Set(eventIds)].map((eventId) => ({ id: ['event', eventId], sort: 0 }));
    const references = (await this.#table(scope).getMany(addresses)).map(referenceOfItem);
    return new Map(references.map((reference) => [reference.eventId, reference]));
  }

  async get(scope: TenantScope, stream: StreamKey, seq: number): Promise<StoredEvent | undefined> {
    const item = await this.#table(scope).get({ id: streamId(scope, stream), sort: seq });
    return item && storedOf(item);
  }

  readStream(scope: TenantScope, stream: StreamKey, fromSeq: number): AsyncIterable<StoredEvent> {
    return this.#query(scope, { id: streamId(scope, stream), and: 'seq >= :from', values: { ':from': fromSeq } });
  }

  readSession(scope: TenantScope, sessionId: string, after?: TimePosition): AsyncIterable<StoredEvent> {
    return this.#query(scope, { index: 'bySession', id: [sessionId], ...startAfter(after) });
  }

  async *readDay(
    scope: TenantScope,
    day: string,
    range: TimeRange,
    amount: Amount,
    after?: TimePosition,
  ): AsyncIterable<EventText> {
    if (isEmpty(range)) return;
    const query = { ...ofDay(day, range, after), ...pagesOf[amount], attributes: textAttributes };
    for await (const items of this.#table(scope).queryParts(query)) for (const item of items) yield textOfItem(item);
  }

  async *readPersonDay(
    scope: TenantScope,
    person: string,
    day: string,
    range: TimeRange,
    after?: TimePosition,
  ): AsyncIterable<PersonPart> {
    if (isEmpty(range)) return;
    const query = { ...ofPerson(ofDay(day, range, after), person), ...personPages, attributes: textAttributes };
    for await (const { items, looked, next } of this.#table(scope).queryFiltered(query))
      yield {
        texts: items.map(textOfItem),
        looked,
        ...(next === undefined ? {} : { next: timePositionAt(next) }),
      };
  }

  async readSlice(scope: SystemScope, limit: number, after?: RowPlace): Promise<ChainSlice> {
    const part = { limit, ...(after === undefined ? {} : { after }) };
    const { rows, next } = await scanSlice(this.#deps, 'audit-events', scope, part);
    return {
      rows: rows.flatMap(({ place, item }) => chainRowOf(place, item)),
      ...(next === undefined ? {} : { next }),
    };
  }

  ping(): Promise<void> {
    return pingTable(this.#deps, 'audit-events');
  }

  async *#query(scope: TenantScope, query: ScopedQuery): AsyncIterable<StoredEvent> {
    for await (const items of this.#table(scope).queryParts({ ...query, pageSize }))
      for (const item of items) yield storedOf(item);
  }

  #table(scope: TenantScope): ScopedTable {
    return scopedTable(this.#deps, 'audit-events', scope);
  }
}

function streamId(scope: TenantScope, stream: StreamKey): string[] {
  assertOwnTenant(scope, stream);
  return [stream.streamType, stream.streamId];
}

function writesOf(table: ScopedTable, stored: StoredEvent): ScopedWrite[] {
  const { streamType, streamId: id, sessionId, timestamp, eventId } = stored.event;
  const indexes = {
    byTenantDay: [dayOf(timestamp)],
    ...(sessionId === undefined ? {} : { bySession: [sessionId] }),
  };
  const reference = referenceItem(referenceOf(stored), stored.createdAt);
  return [
    table.put(eventItem(stored), [streamType, id], indexes, { condition: absent }),
    table.put(reference, ['event', eventId], {}, { condition: absent }),
  ];
}

function ofDay(day: string, range: TimeRange, after: TimePosition | undefined): ScopedQuery {
  return {
    index: 'byTenantDay',
    id: [day],
    and: 'timeKey BETWEEN :from AND :to',
    // `#` and `$` stand right before and after the separator that follows a timestamp in the key.
    values: { ':from': `${range.from}#`, ':to': `${range.to}$` },
    newestFirst: true,
    ...startAfter(after),
  };
}

/** The store refuses a range that ends before it begins. */
function isEmpty({ from, to }: TimeRange): boolean {
  return from > to;
}

/** Leaves the events of others in the store. Who an event is by stands in its envelope, which is the text that was hashed. */
function ofPerson(query: ScopedQuery, person: string): ScopedQuery {
  return {
    ...query,
    filter: '#owner = :person OR contains(#envelope, :byPerson)',
    names: { '#owner': 'owner', '#envelope': 'envelope' },
    values: { ...query.values, ':person': person, ':byPerson': `"userId":${JSON.stringify(person)}` },
  };
}

function timePositionAt({ id, sort, indexSort }: StartAfter): TimePosition {
  return { stream: String(id), seq: Number(sort), timeKey: String(indexSort) };
}

function startAfter(position: TimePosition | undefined): Pick<ScopedQuery, 'after'> {
  if (position === undefined) return {};
  return { after: { id: position.stream, sort: position.seq, indexSort: position.timeKey } };
}
