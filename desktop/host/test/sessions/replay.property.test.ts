import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SessionEvent } from '@steward/contracts';
import fc from 'fast-check';
import { EventFeed } from '../../src/sessions/event-feed.ts';
import { EventLog } from '../../src/sessions/event-log.ts';
import { temporaryHome } from '../support/temporary-home.ts';
import type { TemporaryHome } from '../support/temporary-home.ts';
import { Collector } from '../support/until.ts';

const eventOf = (seq: number): SessionEvent => ({
  eventId: `evt_${seq}`,
  sessionId: 'sess_00000000000000000000000001',
  eventType: 'text_chunk',
  timestamp: '2026-11-21T09:00:00.000Z',
  seq,
  payload: {},
});
const upTo = (last: number, from = 1): SessionEvent[] =>
  Array.from({ length: Math.max(0, last - from + 1) }, (_item, index) => eventOf(from + index));

/** Reads everything from a sequence on, as a window does that has seen nothing behind it. */
async function readFrom(log: EventLog, fromSeq: number, limit: number): Promise<SessionEvent[]> {
  const read: SessionEvent[] = [];
  for (let from: number | undefined = fromSeq; from !== undefined;) {
    const page: Awaited<ReturnType<EventLog['read']>> = await log.read(from, limit);
    read.push(...page.events);
    from = page.nextFromSeq;
  }
  return read;
}

describe('events on their way to windows', () => {
  let home: TemporaryHome;
  beforeEach(async () => {
    home = await temporaryHome();
  });
  afterEach(() => home.remove());

  it('come once and in order, whatever is lost or repeated between runtime and host, over restarts of the host', async () => {
    let run = 0;
    const part = fc.record({
      /** Notifications of this connection, as steps back or forth from the newest so far. */
      steps: fc.array(fc.integer({ min: -3, max: 4 }), { maxLength: 15 }),
      pageSize: fc.integer({ min: 1, max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { minLength: 1, maxLength: 5 }),
        fc.nat(40),
        fc.integer({ min: 1, max: 7 }),
        async (parts, cut, limit) => {
          const path = join(home.path, `replay-${(run += 1)}.ndjson`);
          const open = (): Promise<EventLog> =>
            EventLog.open({
              path,
              onFailure: (error) => {
                throw error;
              },
            });
          const delivered = new Collector<SessionEvent>();
          let newest = 0;
          for (const { steps, pageSize } of parts) {
            const log = await open();
            const feed = new EventFeed({
              log,
              fetch: (from) => {
                const events = upTo(Math.min(newest, from + pageSize - 1), from);
                const next = from + events.length;
                return Promise.resolve({
                  events,
                  lastSeq: newest,
                  ...(next <= newest ? { nextFromSeq: next } : {}),
                });
              },
              deliver: delivered.add,
            });
            for (const step of steps) {
              const seq = Math.max(1, newest + step);
              newest = Math.max(newest, seq);
              feed.accept(eventOf(seq));
            }
            // The last notification of a connection is never lost: it is what tells of everything before it.
            newest += 1;
            feed.accept(eventOf(newest));
            await delivered.until(({ seq }) => seq === newest);
            await log.close();
          }

          const log = await open();
          const from = Math.min(newest, cut + 1);
          const reloaded = await readFrom(log, from, limit);
          await log.close();

          expect(delivered.items).toEqual(upTo(newest));
          expect(reloaded).toEqual(upTo(newest, from));
        },
      ),
      { numRuns: 60 },
    );
  });
});
