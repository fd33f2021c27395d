import { ScopedMap, assertOwnTenant } from '@steward/service-kit';
import type { RowPlace, SystemScope, TenantScope } from '@steward/service-kit';
import { dayOf, localStreamName, positionOf, referenceOf, streamName, timeKeyOf } from './event.ts';
import type { EventReference, SealedEvent, StoredEvent, StreamKey } from './event.ts';
import { textOf } from './event-items.ts';
import type {
  Amount,
  ChainRow,
  ChainSlice,
  EventRepository,
  EventText,
  PersonPart,
  TimePosition,
  TimeRange,
} from './repository.ts';

/** Events in this process only; for tests and for machines without a database. */
export class MemoryEventRepository implements EventRepository {
  readonly #events = new ScopedMap<{ readonly tenantId: string; readonly stored: StoredEvent }>();
  readonly #lengths = new ScopedMap<{ readonly tenantId: string; readonly length: number }>();
  readonly #references = new ScopedMap<EventReference>();

  async head(scope: TenantScope, stream: StreamKey): Promise<StoredEvent | undefined> {
    return this.get(scope, stream, this.#lengthOf(scope, stream));
  }

  async append(scope: TenantScope, events: readonly StoredEvent[]): Promise<boolean> {
    const first = events[0]?.event;
    if (first === undefined) return true;
    for (const { event } of events) assertOwnTenant(scope, event);
    const { tenantId } = first;
    const isKnown = events.some(({ event }) => this.#references.get(scope, event.eventId) !== undefined);
    if (this.#lengthOf(scope, first) !== first.streamSeq - 1 || isKnown) return false;
    for (const stored of events) {
      this.#events.set(scope, { tenantId, stored }, localStreamName(first), String(stored.event.streamSeq));
      this.#references.set(scope, referenceOf(stored), stored.event.eventId);
    }
    this.#lengths.set(scope, { tenantId, length: first.streamSeq - 1 + events.length }, localStreamName(first));
    return true;
  }

  async findReferences(scope: TenantScope, eventIds: readonly string[]): Promise<ReadonlyMap<string, EventReference>> {
    const found = eventIds.flatMap((eventId) => {
      const reference = this.#references.get(scope, eventId);
      return reference === undefined ? [] : [[eventId, reference] as const];
    });
    return new Map(found);
  }

  async get(scope: TenantScope, stream: StreamKey, seq: number): Promise<StoredEvent | undefined> {
    assertOwnTenant(scope, stream);
    return this.#events.get(scope, localStreamName(stream), String(seq))?.stored;
  }

  async *readStream(scope: TenantScope, stream: StreamKey, fromSeq: number): AsyncIterable<StoredEvent> {
    for (let seq = fromSeq; ; seq += 1) {
      const stored = await this.get(scope, stream, seq);
      if (stored === undefined) return;
      yield stored;
    }
  }

  async *readSession(scope: TenantScope, sessionId: string, after?: TimePosition): AsyncIterable<StoredEvent> {
    yield* this.#byTime(
      scope,
      ({ event }) => event.sessionId === sessionId && (after === undefined || timeKeyOf(event) > after.timeKey),
    );
  }

  async *readDay(
    scope: TenantScope,
    day: string,
    range: TimeRange,
    _amount: Amount,
    after?: TimePosition,
  ): AsyncIterable<EventText> {
    for (const stored of this.#ofDay(scope, day, range, after)) yield textOf(stored);
  }

  async *readPersonDay(
    scope: TenantScope,
    person: string,
    day: string,
    range: TimeRange,
    after?: TimePosition,
  ): AsyncIterable<PersonPart> {
    const all = this.#ofDay(scope, day, range, after);
    for (const [at, stored] of all.entries()) {
      const isTheirs = stored.event.userId === person || stored.owner === person;
      const next = at === all.length - 1 ? {} : { next: positionOf(stored.event) };
      yield { texts: isTheirs ? [textOf(stored)] : [], looked: 1, ...next };
    }
  }

  async readSlice(scope: SystemScope, limit: number, after?: RowPlace): Promise<ChainSlice> {
    scope.assertMayRead('scans', 'audit-events');
    const rows = this.#events
      .allTenants()
      .map(({ stored }) => rowOf(stored.event))
      .filter(({ place }) => after === undefined || order(place, after) > 0)
      .sort((one, other) => order(one.place, other.place));
    const slice = rows.slice(0, limit);
    const last = slice.at(-1);
    return { rows: slice, ...(last === undefined || rows.length <= limit ? {} : { next: last.place }) };
  }

  async ping(): Promise<void> {}

  #lengthOf(scope: TenantScope, stream: StreamKey): number {
    assertOwnTenant(scope, stream);
    return this.#lengths.get(scope, localStreamName(stream))?.length ?? 0;
  }

  #ofDay(scope: TenantScope, day: string, range: TimeRange, after: TimePosition | undefined): StoredEvent[] {
    const matching = this.#byTime(
      scope,
      ({ event }) =>
        dayOf(event.timestamp) === day &&
        event.timestamp >= range.from &&
        event.timestamp <= range.to &&
        (after === undefined || timeKeyOf(event) < after.timeKey),
    );
    return matching.reverse();
  }

  #byTime(scope: TenantScope, filter: (stored: StoredEvent) => boolean): StoredEvent[] {
    const matching = this.#events.values(scope).flatMap(({ stored }) => (filter(stored) ? [stored] : []));
    return matching.sort((a, b) => (timeKeyOf(a.event) < timeKeyOf(b.event) ? -1 : 1));
  }
}

function rowOf(event: SealedEvent): ChainRow {
  const place = { partition: streamName(event), sort: event.streamSeq };
  return { place, tenantId: event.tenantId, stream: localStreamName(event), seq: event.streamSeq, event };
}

function order(one: RowPlace, other: RowPlace): number {
  if (one.partition !== other.partition) return one.partition < other.partition ? -1 : 1;
  return Number(one.sort) - Number(other.sort);
}
