import { encodeCursor } from '@steward/service-kit';
import type { Caller } from '@steward/service-kit';
import { StewardError } from '@steward/sdk';
import { sessionTexts, tenantTexts } from './event-sources.ts';
import type { TextItem } from './event-sources.ts';
import type { EventRepository, EventText } from './repository.ts';
import { seesWholeTenant } from './visibility.ts';

/** Which decisions are counted; times are included. */
export interface TallyQuery {
  readonly from: string;
  readonly to: string;
  readonly session?: string;
  readonly user?: string;
  readonly cursor?: string;
}

/** Decisions of equal content, and the newest of them. */
export interface DecisionGroup {
  readonly count: number;
  readonly eventId: string;
  readonly timestamp: string;
  readonly userId: string;
  readonly sessionId?: string;
  /** The payload's JSON text without the tool call. */
  readonly content: string;
}

/** A part of a tally; without `nextCursor` it is the last. */
export interface TallyPage {
  readonly items: DecisionGroup[];
  readonly readBackTo?: string;
  readonly nextCursor?: string;
}

/** Events looked at for one page; the end of a day counts as some, since each day is a read of its own. */
const budget = 3000;
const dayCost = 50;
/** About as much text as one page may hold, in characters. */
const mostText = 6_000_000;

/** Reads recorded decisions in bulk and counts equal ones of a page together, so that repetition costs little. */
export class DecisionTally {
  readonly #events: EventRepository;

  constructor(events: EventRepository) {
    this.#events = events;
  }

  /** One page, newest first; that of a session oldest first. @throws PERMISSION_DENIED for who may not see the whole tenant */
  async page(caller: Caller, query: TallyQuery): Promise<TallyPage> {
    if (!seesWholeTenant(caller))
      throw new StewardError(
        'PERMISSION_DENIED',
        'Decisions of everybody are shown to admins, auditors and operators.',
      );
    const groups = new Map<string, { count: number; newest: EventText['envelope'] }>();
    let looked = 0;
    let text = 0;
    let readBackTo: string | undefined;
    let position: TextItem['position'] | undefined;
    for await (const item of this.#source(caller, query)) {
      if (position !== undefined && (looked >= budget || text >= mostText))
        return { ...pageOf(groups, readBackTo), nextCursor: encodeCursor(position) };
      position = item.position;
      looked += item.text === undefined ? dayCost : 1;
      if (item.text === undefined) continue;
      const { envelope, payload } = item.text;
      if (query.session === undefined) readBackTo = envelope.timestamp;
      if (!isMeant(envelope, query)) continue;
      const content = contentOf(payload);
      const known = groups.get(content);
      if (known === undefined) {
        groups.set(content, { count: 1, newest: envelope });
        text += content.length;
      } else {
        known.count += 1;
        if (isNewer(envelope, known.newest)) known.newest = envelope;
      }
    }
    return pageOf(groups, readBackTo);
  }

  #source({ scope }: Caller, { session, from, to, cursor }: TallyQuery): AsyncIterable<TextItem> {
    return session === undefined
      ? tenantTexts(this.#events, scope, { from, to }, cursor)
      : sessionTexts(this.#events, scope, session, cursor);
  }
}

function isMeant({ eventType, timestamp, userId }: EventText['envelope'], { from, to, user }: TallyQuery): boolean {
  return (
    eventType === 'decision_recorded' && timestamp >= from && timestamp <= to && (user === undefined || user === userId)
  );
}

/** The text without the id of the call, which is the runtime's own and all that differs when an action is repeated. */
function contentOf(payload: string): string {
  const [call] = /^\{"toolCallId":"[\w-]{1,100}",/.exec(payload) ?? [];
  return call === undefined ? payload : `{${payload.slice(call.length)}`;
}

function isNewer(one: EventText['envelope'], other: EventText['envelope']): boolean {
  if (one.timestamp !== other.timestamp) return one.timestamp > other.timestamp;
  return one.eventId > other.eventId;
}

function pageOf(
  groups: ReadonlyMap<string, { readonly count: number; readonly newest: EventText['envelope'] }>,
  readBackTo: string | undefined,
): TallyPage {
  const items = [...groups].map(([content, { count, newest }]): DecisionGroup => {
    const { eventId, timestamp, userId, sessionId } = newest;
    return { count, eventId, timestamp, userId, ...(sessionId === undefined ? {} : { sessionId }), content };
  });
  return { items, ...(readBackTo === undefined ? {} : { readBackTo }) };
}
