import type { GetEventsResult, SessionEvent } from '@steward/contracts';
import { reduceSessionEvent } from './reduce-session-event.ts';
import { emptyThread } from './thread.ts';
import type { ThreadState } from './thread.ts';

/** A conversation's state together with events that arrived ahead of their turn. */
export interface Feed {
  readonly thread: ThreadState;
  /** Id of the last event taken in; tells a replaced event from a repeated one. */
  readonly lastEventId: string | null;
  readonly early: ReadonlyMap<number, SessionEvent>;
}

/** A feed before its first event. */
export const emptyFeed: Feed = { thread: emptyThread, lastEventId: null, early: new Map() };

/**
 * Takes events in any order and any cut. Each sequence is taken once, in order; events past a gap wait until it is
 * filled, so live delivery and paged replay may overlap freely. Announcements of gaps are not events of the thread.
 */
export function receive(feed: Feed, events: readonly SessionEvent[]): Feed {
  let { thread, lastEventId } = feed;
  const early = new Map(feed.early);
  const take = (event: SessionEvent): void => {
    thread = reduceSafely(thread, event);
    lastEventId = event.eventId;
    early.delete(event.seq);
  };
  for (const event of events) {
    if (event.eventType === 'stream_gap' || event.seq <= thread.lastSeq) continue;
    if (event.seq > thread.lastSeq + 1) early.set(event.seq, event);
    else take(event);
    for (let next = early.get(thread.lastSeq + 1); next; next = early.get(thread.lastSeq + 1)) take(next);
  }
  return thread === feed.thread && early.size === feed.early.size ? feed : { thread, lastEventId, early };
}

/** Whether events wait past a gap. */
export function hasGap(feed: Feed): boolean {
  return feed.early.size > 0;
}

/** The sequence to ask from: the last one taken in, so that the answer shows whether it still stands. */
export function askFrom(feed: Feed): number {
  return Math.max(1, feed.thread.lastSeq);
}

/**
 * Whether an answer to {@link askFrom} shows that the session went back behind what was taken in, as a runtime does
 * that resumes from an earlier point. The feed then starts again.
 */
export function wentBack(feed: Feed, page: Pick<GetEventsResult, 'events' | 'lastSeq'>): boolean {
  const { lastSeq } = feed.thread;
  if (lastSeq === 0) return false;
  if (page.lastSeq < lastSeq) return true;
  const same = page.events.find((event) => event.seq === lastSeq && event.eventType !== 'stream_gap');
  return same !== undefined && feed.lastEventId !== null && same.eventId !== feed.lastEventId;
}

/**
 * Gives up on a gap that the host says it cannot fill: says so in the thread and goes on at the given sequence.
 * Nothing happens when that sequence has been reached already.
 */
export function skipGap(feed: Feed, toSeq: number, at: string): Feed {
  if (toSeq <= feed.thread.lastSeq + 1) return feed;
  const eventId = `gap:${toSeq}`;
  const payload = { reloadFromSeq: toSeq };
  const gap: SessionEvent = { eventId, sessionId: '', eventType: 'stream_gap', timestamp: at, seq: toSeq - 1, payload };
  const thread = reduceSessionEvent(feed.thread, gap);
  const waiting = [...feed.early.values()].filter((event) => event.seq >= toSeq).sort((a, b) => a.seq - b.seq);
  return receive({ thread, lastEventId: null, early: new Map() }, waiting);
}

// A malformed payload must not stop the conversation: its sequence is passed and the rest is shown.
function reduceSafely(thread: ThreadState, event: SessionEvent): ThreadState {
  try {
    return reduceSessionEvent(thread, event);
  } catch {
    return { ...thread, lastSeq: event.seq };
  }
}
