import { StewardError, isId } from '@steward/sdk';
import type { Clock } from '@steward/sdk';
import { encodeCursor, limitOf } from '@steward/service-kit';
import type { Caller, Page, PageRequest } from '@steward/service-kit';
import { matches } from './event-filter.ts';
import type { EventFilter } from './event-filter.ts';
import { metOf, sessionSource, streamSource, tenantSource } from './event-sources.ts';
import type { SourceItem } from './event-sources.ts';
import type { SealedEvent, StreamKey } from './event.ts';
import type { EventRepository } from './repository.ts';
import { maySee, seesWholeTenant } from './visibility.ts';

/** A list that is asked for: by stream, by session, or across the tenant. */
export interface EventListQuery extends EventFilter, PageRequest {
  readonly streamType?: 'workspace' | 'tenant';
  readonly streamId?: string;
  readonly fromSeq?: number;
}

// How much one request looks at before it answers what it has and where to go on.
const budget = 2000;
const dayMs = 24 * 60 * 60 * 1000;

/** Reads events that a caller may see; everything else answers as if it did not exist. */
export class EventQuery {
  readonly #events: EventRepository;
  readonly #clock: Clock;

  constructor(deps: { readonly events: EventRepository; readonly clock: Clock }) {
    this.#events = deps.events;
    this.#clock = deps.clock;
  }

  /** Throws NOT_FOUND unless the event exists and the caller may see it. */
  async get(caller: Caller, eventId: string): Promise<SealedEvent> {
    const reference = (await this.#events.findReferences(caller.scope, [eventId])).get(eventId);
    const stored = reference && (await this.#events.get(caller.scope, reference, reference.streamSeq));
    if (stored !== undefined && maySee(caller, metOf(stored))) return stored.event;
    throw new StewardError('NOT_FOUND', `Event ${eventId} does not exist. Check the id.`, { details: { eventId } });
  }

  /**
   * One page. A stream comes in order, a session oldest first, the tenant newest first (the last 30 days without
   * `from`). A page may hold less than asked for, even nothing, and still have a cursor: little of much matched.
   */
  async list(caller: Caller, query: EventListQuery): Promise<Page<SealedEvent>> {
    const limit = limitOf(query);
    const items: SealedEvent[] = [];
    let looked = 0;
    let last: SourceItem | undefined;
    for await (const item of this.#source(caller, query)) {
      const { met } = item;
      const fits = met !== undefined && maySee(caller, met) && matches(met.envelope, query);
      const isFull = fits && items.length === limit;
      if (last !== undefined && (isFull || looked >= budget))
        return { items, nextCursor: encodeCursor(last.position()) };
      if (fits) items.push(met.whole());
      looked += item.cost;
      last = item;
    }
    return { items };
  }

  #source(caller: Caller, query: EventListQuery): AsyncIterable<SourceItem> {
    const { tenantId, scope } = caller;
    const stream = streamAskedFor(tenantId, query);
    if (stream !== undefined) return streamSource(this.#events, scope, stream, query.fromSeq ?? 1, query.cursor);
    if (query.session !== undefined) return sessionSource(this.#events, scope, query.session, query.cursor);
    // Senders' clocks may be ahead of ours.
    const to = query.to ?? new Date(this.#clock.now().getTime() + dayMs).toISOString();
    const from = query.from ?? new Date(Date.parse(to) - 31 * dayMs).toISOString();
    const person = seesWholeTenant(caller) ? undefined : caller.userId;
    return tenantSource(this.#events, scope, { from, to }, query.cursor, person);
  }
}

function streamAskedFor(tenantId: string, query: EventListQuery): StreamKey | undefined {
  const { streamType, streamId, fromSeq } = query;
  if (streamType === undefined && streamId === undefined) {
    if (fromSeq === undefined) return undefined;
    throw refuse('from_seq', 'from_seq counts within one stream. Name it by stream_type and stream_id.');
  }
  if (streamType === 'tenant') return { tenantId, streamType, streamId: streamId ?? tenantId };
  if (streamId === undefined)
    throw refuse('stream_id', 'stream_id is missing. Name the workspace whose stream is meant.');
  const type = streamType ?? (isId('ws', streamId) ? 'workspace' : 'tenant');
  return { tenantId, streamType: type, streamId };
}

function refuse(field: string, message: string): StewardError {
  return new StewardError('INVALID_REQUEST', message, { details: { field } });
}
