import type { SessionEvent } from '@steward/contracts';
import { reduceSessionEvent } from './reduce-session-event.ts';
import { emptyThread } from './thread.ts';
import type { ThreadState } from './thread.ts';

/** A conversation's state together with events that arrived ahead of their turn. */
export interface Feed {
  readonly thread: ThreadState;
  readonly early: ReadonlyMap<number, SessionEvent>;
}

/** A feed before its first event. */
export const emptyFeed: Feed = { thread: emptyThread, early: new Map() };

/**
 * Takes events in any order and any cut. Each sequence is taken once, in order; events past a gap wait until it is
 * filled, so live delivery and paged replay may overlap freely.
 */
export function receive(feed: Feed, events: readonly SessionEvent[]): Feed {
  if (events.length === 0) return feed;
  let thread = feed.thread;
  const early = new Map(feed.early);
  for (const event of events) {
    if (event.seq <= thread.lastSeq) continue;
    if (event.seq !== thread.lastSeq + 1) {
      early.set(event.seq, event);
      continue;
    }
    thread = reduceSafely(thread, event);
    for (let next = early.get(thread.lastSeq + 1); next; next = early.get(thread.lastSeq + 1)) {
      early.delete(next.seq);
      thread = reduceSafely(thread, next);
    }
    early.delete(event.seq);
  }
  return { thread, early };
}

/** The first sequence to ask for when events wait past a gap; null when nothing is missing. */
export function missingFrom(feed: Feed): number | null {
  return feed.early.size === 0 ? null : feed.thread.lastSeq + 1;
}

/**
 * Gives up on a gap that the host says it cannot fill: says so in the thread and goes on at the given sequence.
 * Nothing happens when that sequence has been passed already.
 */
export function skipGap(feed: Feed, toSeq: number, at: string): Feed {
  if (toSeq <= feed.thread.lastSeq + 1) return feed;
  const gap: SessionEvent = {
    eventId: `gap:${toSeq}`,
    sessionId: '',
    eventType: 'stream_gap',
    timestamp: at,
    seq: toSeq - 1,
    payload: { reloadFromSeq: toSeq },
  };
  const thread = reduceSessionEvent(feed.thread, gap);
  const waiting = [...feed.early.values()].filter((event) => event.seq >= toSeq).sort((a, b) => a.seq - b.seq);
  return receive({ thread, early: new Map() }, waiting);
}

// A malformed payload must not stop the conversation: its sequence is passed and the rest is shown.
function reduceSafely(thread: ThreadState, event: SessionEvent): ThreadState {
  try {
    return reduceSessionEvent(thread, event);
  } catch {
    return { ...thread, lastSeq: event.seq };
  }
}
