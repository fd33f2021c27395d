import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SessionEvent } from '@steward/contracts';
import { EventFeed } from '../../src/sessions/event-feed.ts';
import type { EventFeedDeps } from '../../src/sessions/event-feed.ts';
import { EventLog } from '../../src/sessions/event-log.ts';
import { temporaryHome } from '../support/temporary-home.ts';
import type { TemporaryHome } from '../support/temporary-home.ts';
import { Collector } from '../support/until.ts';

const eventOf = (seq: number, version: number = 1): SessionEvent => ({
  eventId: `evt_${version}_${seq}`,
  sessionId: 'sess_00000000000000000000000001',
  eventType: 'text_chunk',
  timestamp: '2026-11-21T09:00:00.000Z',
  seq,
  payload: {},
});

describe('EventFeed', () => {
  let home: TemporaryHome;
  let log: EventLog;
  let delivered: Collector<SessionEvent>;
  const feedWith = (fetch: EventFeedDeps['fetch']): EventFeed => new EventFeed({ log, fetch, deliver: delivered.add });

  beforeEach(async () => {
    home = await temporaryHome();
    log = await EventLog.open({ path: join(home.path, 'events.ndjson'), onFailure: () => undefined });
    delivered = new Collector();
  });
  afterEach(async () => {
    await log.close();
    await home.remove();
  });

  it('delivers each event once', () => {
    const feed = feedWith(() => Promise.reject(new Error('not asked')));

    for (const seq of [1, 2, 2, 1, 3]) feed.accept(eventOf(seq));

    expect(delivered.items).toEqual([eventOf(1), eventOf(2), eventOf(3)]);
  });

  it('fills a hole from the runtime before it goes on', async () => {
    const feed = feedWith((fromSeq) =>
      Promise.resolve({ events: [eventOf(fromSeq)], lastSeq: 4, nextFromSeq: fromSeq + 1 }),
    );

    for (const seq of [1, 4, 5]) feed.accept(eventOf(seq));
    await delivered.until((event) => event.seq === 5);

    expect(delivered.items).toEqual([1, 2, 3, 4, 5].map((seq) => eventOf(seq)));
  });

  it('says that a hole stays when the runtime can’t tell any more', async () => {
    const feed = feedWith(() => Promise.reject(new Error('gone')));

    for (const seq of [1, 4, 5]) feed.accept(eventOf(seq));
    await delivered.until((event) => event.seq === 5);

    expect(delivered.items.map((event) => [event.seq, event.eventType])).toEqual([
      [1, 'text_chunk'],
      [3, 'stream_gap'],
      [4, 'text_chunk'],
      [5, 'text_chunk'],
    ]);
  });

  it('follows a resumed runtime that counts again from an earlier event', async () => {
    const feed = feedWith(() => Promise.reject(new Error('not asked')));
    for (const seq of [1, 2, 3]) feed.accept(eventOf(seq));

    for (const seq of [2, 3]) feed.accept(eventOf(seq, 2));

    expect(delivered.items.slice(3)).toEqual([
      expect.objectContaining({ eventType: 'stream_gap', payload: { reloadFromSeq: 2 } }),
      eventOf(2, 2),
      eventOf(3, 2),
    ]);
    expect((await log.read(1, 10)).events).toEqual([eventOf(1), eventOf(2, 2), eventOf(3, 2)]);
  });
});
