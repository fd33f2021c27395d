import { StewardError } from '@steward/sdk';
import { decodeCursor } from '@steward/service-kit';
import type { TenantScope } from '@steward/service-kit';
import { dayOf, positionOf } from './event.ts';
import type { SealedEvent, StoredEvent, StreamKey } from './event.ts';
import { eventOf, textOf } from './event-items.ts';
import type { EventRepository, EventText, PersonPart, TimePosition, TimeRange } from './repository.ts';

/** One thing met on the way through a list, and where the list goes on after it. */
export interface SourceItem {
  /** Absent where only way was made, such as the end of a day. */
  readonly met?: MetEvent;
  /** What it counts against what one request looks at; an event that was met is one. */
  readonly cost: number;
  /** Made when it is asked for: a page needs one, and looks at many. */
  position(): Position;
}

/** An event on the way, of which most lists show few. */
export interface MetEvent {
  readonly envelope: Envelope;
  /** As in {@link StoredEvent}. */
  readonly owner?: string;
  /** The whole, read when it is asked for. */
  whole(): SealedEvent;
}

/** Where a list goes on, as a cursor keeps it. */
export type Position = Readonly<Record<string, string | number>>;

/** One event of a session as text, and where its list goes on after it. */
export interface TextItem {
  readonly text: EventText;
  readonly position: Position;
}

type Envelope = EventText['envelope'];

/** What a day costs, whatever it holds: a query. */
const dayCost = 10;

/** Events of one stream in order. */
export async function* streamSource(
  events: EventRepository,
  scope: TenantScope,
  stream: StreamKey,
  fromSeq: number,
  cursor: string | undefined,
): AsyncGenerator<SourceItem> {
  const after = cursor === undefined ? 0 : seqOf(decodeCursor(cursor));
  for await (const stored of events.readStream(scope, stream, Math.max(fromSeq, after + 1))) {
    yield { met: metOf(stored), cost: 1, position: () => ({ seq: stored.event.streamSeq }) };
  }
}

/** Events of one session, oldest first. */
export async function* sessionSource(
  events: EventRepository,
  scope: TenantScope,
  sessionId: string,
  cursor: string | undefined,
): AsyncGenerator<SourceItem> {
  for await (const stored of events.readSession(scope, sessionId, sessionStart(cursor)))
    yield { met: metOf(stored), cost: 1, position: () => positionOf(stored.event) };
}

/** Events of a tenant, newest first, day by day. @param person leaves out most of what this person may not see */
export async function* tenantSource(
  events: EventRepository,
  scope: TenantScope,
  range: TimeRange,
  cursor: string | undefined,
  person?: string,
): AsyncGenerator<SourceItem> {
  const start = cursor === undefined ? { day: dayOf(range.to) } : dayPositionOf(decodeCursor(cursor));
  let after = start.after;
  for (let day = start.day; day >= dayOf(range.from); day = dayBefore(day)) {
    if (person === undefined)
      for await (const text of events.readDay(scope, day, range, 'few', after)) yield itemOf(text);
    else yield* personSource(events.readPersonDay(scope, person, day, range, after));
    after = undefined;
    const before = dayBefore(day);
    yield { cost: dayCost, position: () => ({ day: before }) };
  }
}

async function* personSource(parts: AsyncIterable<PersonPart>): AsyncGenerator<SourceItem> {
  for await (const { texts, looked, next } of parts) {
    yield* texts.map(itemOf);
    // What was left out is way that was made, and a page may end behind it.
    if (next !== undefined) yield { cost: looked - texts.length, position: () => ({ ...next }) };
  }
}

function itemOf(text: EventText): SourceItem {
  const met = { ...text, whole: () => eventOf(text) };
  return { met, cost: 1, position: () => positionOf(text.envelope) };
}

/** Events of one session as texts, oldest first. */
export async function* sessionTexts(
  events: EventRepository,
  scope: TenantScope,
  sessionId: string,
  cursor: string | undefined,
): AsyncGenerator<TextItem> {
  for await (const stored of events.readSession(scope, sessionId, sessionStart(cursor)))
    yield { text: textOf(stored), position: positionOf(stored.event) };
}

function sessionStart(cursor: string | undefined): TimePosition | undefined {
  return cursor === undefined ? undefined : timePositionOf(decodeCursor(cursor));
}

/** An event that is read already, as lists meet it. */
export function metOf({ event, owner }: StoredEvent): MetEvent {
  return { envelope: event, whole: () => event, ...(owner !== undefined && { owner }) };
}

/** The UTC day before one. */
export function dayBefore(day: string): string {
  return dayOf(new Date(Date.parse(`${day}T00:00:00.000Z`) - 24 * 60 * 60 * 1000).toISOString());
}

function seqOf({ seq }: Record<string, string | number>): number {
  if (Number.isSafeInteger(seq) && Number(seq) >= 0) return Number(seq);
  throw foreignCursor();
}

function timePositionOf(position: Record<string, string | number>): TimePosition {
  const { timeKey, stream } = position;
  const isUsable =
    isDayText(timeKey) && typeof stream === 'string' && stream !== '' && timeKey.length + stream.length < 1000;
  if (!isUsable) throw foreignCursor();
  return { timeKey, stream, seq: seqOf(position) };
}

/** Where a list by day goes on. @throws INVALID_REQUEST when it was not given out by one */
export function dayPositionOf(position: Record<string, string | number>): { day: string; after?: TimePosition } {
  const { day } = position;
  if (day === undefined) {
    const after = timePositionOf(position);
    return { day: dayOf(after.timeKey), after };
  }
  if (!isDayText(day) || day.length !== 10) throw foreignCursor();
  return { day };
}

function isDayText(value: string | number | undefined): value is string {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value) && !Number.isNaN(Date.parse(value.slice(0, 10)));
}

/** The refusal of a cursor that no list gave out. */
export function foreignCursor(): StewardError {
  return new StewardError(
    'INVALID_REQUEST',
    'cursor: it was not given out by this list. Start again without a cursor.',
    {
      details: { field: 'cursor' },
    },
  );
}
