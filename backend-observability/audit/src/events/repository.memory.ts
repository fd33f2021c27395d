import { dayOf, referenceOf, streamName, timeKeyOf } from './event.ts';
import type { EventReference, StoredEvent, StreamKey } from './event.ts';
import type { EventRepository, TimePosition, TimeRange } from './repository.ts';

/** Events in this process only; for tests and for machines without a database. */
export class MemoryEventRepository implements EventRepository {
  readonly #streams = new Map<string, StoredEvent[]>();
  readonly #references = new Map<string, EventReference>();

  async head(stream: StreamKey): Promise<StoredEvent | undefined> {
    return structuredClone(this.#events(stream).at(-1));
  }

  async append(events: readonly StoredEvent[]): Promise<boolean> {
    const first = events[0]?.event;
    if (first === undefined) return true;
    const stream = this.#events(first);
    const ids = events.map(({ event }) => idKey(event.tenantId, event.eventId));
    if (stream.length !== first.streamSeq - 1 || ids.some((id) => this.#references.has(id))) return false;
    for (const stored of structuredClone(events) as StoredEvent[]) {
      stream.push(stored);
      this.#references.set(idKey(stored.event.tenantId, stored.event.eventId), referenceOf(stored));
    }
    this.#streams.set(streamName(first), stream);
    return true;
  }

  async findReferences(tenantId: string, eventIds: readonly string[]): Promise<ReadonlyMap<string, EventReference>> {
    const found = eventIds.flatMap((eventId) => {
      const reference = this.#references.get(idKey(tenantId, eventId));
      return reference === undefined ? [] : [[eventId, { ...reference }] as const];
    });
    return new Map(found);
  }

  async get(stream: StreamKey, seq: number): Promise<StoredEvent | undefined> {
    return structuredClone(this.#events(stream)[seq - 1]);
  }

  async *readStream(stream: StreamKey, fromSeq: number): AsyncIterable<StoredEvent> {
    for (let seq = fromSeq; ; seq += 1) {
      const stored = this.#events(stream)[seq - 1];
      if (stored === undefined) return;
      yield structuredClone(stored);
    }
  }

  async *readSession(tenantId: string, sessionId: string, after?: TimePosition): AsyncIterable<StoredEvent> {
    yield* this.#byTime(
      ({ event }) =>
        event.tenantId === tenantId &&
        event.sessionId === sessionId &&
        (after === undefined || timeKeyOf(event) > after.timeKey),
    );
  }

  async *readDay(tenantId: string, day: string, range: TimeRange, after?: TimePosition): AsyncIterable<StoredEvent> {
    const matching = this.#byTime(
      ({ event }) =>
        event.tenantId === tenantId &&
        dayOf(event.timestamp) === day &&
        event.timestamp >= range.from &&
        event.timestamp <= range.to &&
        (after === undefined || timeKeyOf(event) < after.timeKey),
    );
    yield* matching.reverse();
  }

  async ping(): Promise<void> {}

  #events(stream: StreamKey): StoredEvent[] {
    return this.#streams.get(streamName(stream)) ?? [];
  }

  #byTime(filter: (stored: StoredEvent) => boolean): StoredEvent[] {
    const matching = [...this.#streams.values()].flat().filter(filter);
    return structuredClone(matching).sort((a, b) => (timeKeyOf(a.event) < timeKeyOf(b.event) ? -1 : 1));
  }
}

function idKey(tenantId: string, eventId: string): string {
  return `${tenantId} ${eventId}`;
}
