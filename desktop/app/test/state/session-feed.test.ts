import type { GetEventsResult, SessionEvent } from '@steward/contracts';
import { describe, expect, it } from '@jest/globals';
import { emptyFeed, receive } from '../../src/state/feed.ts';
import { SessionFeed } from '../../src/state/session-feed.ts';
import type { ThreadState } from '../../src/state/thread.ts';
import { wholeTask } from './events.ts';

/** A host that keeps events and answers in pages; the test decides when frames pass. */
function setUp(kept: SessionEvent[], pageSize = 4) {
  const frames: (() => void)[] = [];
  const loads: string[] = [];
  const shown: { thread: ThreadState | null } = { thread: null };
  const host = { events: kept, failing: false };
  const getEvents = async (fromSeq: number): Promise<GetEventsResult> => {
    if (host.failing) throw new Error('away');
    const rest = host.events.filter((event) => event.seq >= fromSeq);
    const next = rest[pageSize]?.seq;
    return {
      events: rest.slice(0, pageSize),
      lastSeq: host.events.at(-1)?.seq ?? 0,
      ...(next ? { nextFromSeq: next } : {}),
    };
  };
  const feed = new SessionFeed({
    getEvents,
    nextFrame: (run) => frames.push(run),
    now: () => '2026-11-21T09:00:00.000Z',
    onThread: (thread) => (shown.thread = thread),
    onLoad: (state) => loads.push(state),
  });
  const passFrame = (): void => frames.splice(0).forEach((run) => run());
  return { feed, host, frames, loads, shown, passFrame };
}

const events = wholeTask();
const whole = receive(emptyFeed, events).thread;

describe('SessionFeed', () => {
  it('loads every page and shows the whole thread', async () => {
    const { feed, shown, loads } = setUp(events);

    await feed.load();

    expect(shown.thread).toEqual(whole);
    expect(loads).toEqual(['loading', 'ready']);
  });

  it('shows events of one frame together', () => {
    const { feed, frames, shown, passFrame } = setUp(events);

    for (const event of events) feed.push(event);

    expect(frames).toHaveLength(1);
    expect(shown.thread).toBeNull();
    passFrame();
    expect(shown.thread).toEqual(whole);
  });

  it('fills what it missed while the connection was away, once', async () => {
    const { feed, host, shown, loads, passFrame } = setUp([]);
    for (const event of events.slice(0, 5)) feed.push(event);
    passFrame();
    host.failing = true;
    await feed.load();
    host.failing = false;
    host.events = events;
    feed.push(events[15]!);

    await feed.load();

    expect(loads).toEqual(['loading', 'failed', 'loading', 'ready']);
    expect(shown.thread).toEqual(whole);
  });

  it('says which events are gone for good and goes on', async () => {
    const { feed, shown } = setUp(events.slice(7));

    await feed.load();

    expect(shown.thread?.items[0]).toMatchObject({ kind: 'notice', notice: { type: 'gap' } });
    expect(shown.thread?.lastSeq).toBe(events.length);
  });

  it('starts again when the session goes on from an earlier point', async () => {
    const { feed, host, shown, passFrame } = setUp(events);
    await feed.load();
    const replaced = events.slice(0, 8).map((event) => (event.seq === 8 ? { ...event, eventId: 'evt_new' } : event));
    host.events = replaced;
    const gap = { ...events[6]!, eventType: 'stream_gap', payload: { reloadFromSeq: 8 } };

    feed.push(gap);
    feed.push(replaced[7]!);
    await feed.load();
    passFrame();

    expect(shown.thread).toEqual(receive(emptyFeed, replaced).thread);
  });

  it('notices after a reconnect that the session was replaced meanwhile', async () => {
    const { feed, host, shown } = setUp(events);
    await feed.load();
    const other = events.map((event) => ({ ...event, eventId: `${event.eventId}_b` }));
    host.events = other;

    await feed.load();

    expect(shown.thread?.items.at(-1)).toEqual(receive(emptyFeed, other).thread.items.at(-1));
    expect(shown.thread?.lastSeq).toBe(other.length);
  });
});
