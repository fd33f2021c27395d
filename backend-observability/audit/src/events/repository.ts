import type { RowPlace, SystemScope, TenantScope } from '@steward/service-kit';
import type { EventReference, SealedEvent, StoredEvent, StreamKey } from './event.ts';

/** Where a list by time goes on: after this event. */
export interface TimePosition {
  readonly timeKey: string;
  /** The stream's name within its tenant. */
  readonly stream: string;
  readonly seq: number;
}

/** Limits of a list by time; both included. */
export interface TimeRange {
  readonly from: string;
  readonly to: string;
}

/** An event whose payload is left as the JSON text that was hashed, for readers that look at many events. */
export interface EventText {
  readonly envelope: Omit<SealedEvent, 'payload'>;
  readonly payload: string;
  /** As in {@link StoredEvent}. */
  readonly owner?: string;
}

/** How many events a reader is likely to take: a few are fetched a little at a time first, many by the thousand. */
export type Amount = 'few' | 'many';

/** Part of what a person may see of a day. */
export interface PersonPart {
  readonly texts: readonly EventText[];
  /** How many events of the tenant were looked at for it. */
  readonly looked: number;
  /** Behind the last one looked at; absent at the end of the day. */
  readonly next?: TimePosition;
}

/** A row as the check of chains finds it, which may hold anything. */
export interface ChainRow {
  readonly place: RowPlace;
  readonly tenantId: string;
  /** The stream's name within its tenant. */
  readonly stream: string;
  readonly seq: number;
  /** Absent when the row holds no event of this place. */
  readonly event?: SealedEvent;
}

/** A part of all streams of all tenants: those of one stream together and in order. */
export interface ChainSlice {
  readonly rows: readonly ChainRow[];
  /** Where the next part begins; absent at the end. */
  readonly next?: RowPlace;
}

/**
 * Where events are kept. Every call but `readSlice` is one tenant's: streams and events of another do not exist in it, and a stream or an
 * event that names another is refused. Nothing can be changed or removed through it. Reads by stream and by id see every
 * acknowledged write; lists by time may lag a moment behind in the cloud.
 */
export interface EventRepository {
  /** The last event of a stream. */
  head(scope: TenantScope, stream: StreamKey): Promise<StoredEvent | undefined>;
  /**
   * Stores consecutive events of one stream, all or none. Answers false, having stored nothing, when another event
   * lies at one of their numbers or an id is in use: look again and decide anew.
   * @param events at most 45, numbered without gaps right after the head that the caller saw
   */
  append(scope: TenantScope, events: readonly StoredEvent[]): Promise<boolean>;
  /** Where those of the events lie that exist. */
  findReferences(scope: TenantScope, eventIds: readonly string[]): Promise<ReadonlyMap<string, EventReference>>;
  /** The event at a place. */
  get(scope: TenantScope, stream: StreamKey, seq: number): Promise<StoredEvent | undefined>;
  /** Events of one stream from a number on, in order. */
  readStream(scope: TenantScope, stream: StreamKey, fromSeq: number): AsyncIterable<StoredEvent>;
  /** Events of one session, oldest first. */
  readSession(scope: TenantScope, sessionId: string, after?: TimePosition): AsyncIterable<StoredEvent>;
  /** Events of one tenant and UTC day within the range, newest first; none where it ends before it begins. */
  readDay(
    scope: TenantScope,
    day: string,
    range: TimeRange,
    amount: Amount,
    after?: TimePosition,
  ): AsyncIterable<EventText>;
  /** The same of what a person did and of what happened in their workspaces, in parts; some of them hold nothing. */
  readPersonDay(
    scope: TenantScope,
    person: string,
    day: string,
    range: TimeRange,
    after?: TimePosition,
  ): AsyncIterable<PersonPart>;
  /**
   * The next part of everything, for the check of chains; a slice may be empty and still have a `next`.
   * @param after goes on behind this place, whether or not something lies there
   */
  readSlice(scope: SystemScope, limit: number, after?: RowPlace): Promise<ChainSlice>;
  /** Throws when the store does not answer. */
  ping(): Promise<void>;
}
