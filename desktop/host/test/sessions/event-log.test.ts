import { appendFile, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SessionEvent } from '@steward/contracts';
import fc from 'fast-check';
import { EventLog } from '../../src/sessions/event-log.ts';
import { temporaryHome } from '../support/temporary-home.ts';
import type { TemporaryHome } from '../support/temporary-home.ts';

export function eventOf(seq: number, text: string = '', version: number = 1): SessionEvent {
  return {
    eventId: `evt_${version}_${seq}`,
    sessionId: 'sess_00000000000000000000000001',
    eventType: 'text_chunk',
    timestamp: '2026-11-21T09:00:00.000Z',
    seq,
    payload: { text },
  };
}

describe('EventLog', () => {
  let home: TemporaryHome;
  let path: string;
  let run = 0;
  const fail = (error: unknown): void => {
    throw error;
  };
  const open = (maxBytes?: number): Promise<EventLog> =>
    EventLog.open({ path, onFailure: fail, ...(maxBytes === undefined ? {} : { maxBytes }) });

  beforeEach(async () => {
    home = await temporaryHome();
    run += 1;
    path = join(home.path, `events-${run}.ndjson`);
  });
  afterEach(() => home.remove());

  it('gives back page by page exactly what was appended and not taken back, before and after a restart', async () => {
    let index = 0;
    const step = fc.oneof(
      fc.record({ kind: fc.constant('append' as const), text: fc.string({ unit: 'grapheme', maxLength: 40 }) }),
      fc.record({ kind: fc.constant('truncate' as const), back: fc.nat(5) }),
      fc.record({ kind: fc.constant('settle' as const) }),
      fc.record({ kind: fc.constant('restart' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 7 }), async (steps, limit) => {
        path = join(home.path, `property-${(index += 1)}.ndjson`);
        let log = await open();
        const model: SessionEvent[] = [];
        for (const [number, one] of steps.entries()) {
          if (one.kind === 'append') {
            const event = eventOf(model.length + 1, one.text, number);
            model.push(event);
            log.append(event);
          } else if (one.kind === 'truncate') {
            const seq = Math.max(1, model.length - one.back);
            model.length = Math.min(model.length, seq - 1);
            log.truncateFrom(seq);
          } else if (one.kind === 'settle') await log.settled();
          else {
            await log.close();
            log = await open();
          }
        }

        const read: SessionEvent[] = [];
        for (let from: number | undefined = 1; from !== undefined;) {
          const page: Awaited<ReturnType<EventLog['read']>> = await log.read(from, limit);
          read.push(...page.events);
          from = page.nextFromSeq;
        }
        await log.close();
        expect(read).toEqual(model);
        expect(log.lastSeq).toBe(model.length);
      }),
      { numRuns: 60 },
    );
  });

  it('stays within its bound, keeps the newest events and says from where it can tell', async () => {
    const log = await open(4_000);

    for (let seq = 1; seq <= 100; seq += 1) log.append(eventOf(seq, 'x'.repeat(50)));

    const page = await log.read(1, 1000);
    const [gap, ...events] = page.events;
    expect((await stat(path)).size).toBeLessThanOrEqual(4_000);
    expect(gap).toMatchObject({ eventType: 'stream_gap', payload: { reloadFromSeq: events[0]?.seq } });
    expect(events.map((event) => event.seq)).toEqual(events.map((_event, index) => 101 - events.length + index));
    await log.close();
  });

  it('cuts off a torn last line and goes on after the one before', async () => {
    const first = await open();
    first.append(eventOf(1));
    await first.close();
    await appendFile(path, '{"seq":2,"eventId":"evt_');

    const log = await open();
    log.append(eventOf(2));

    expect((await log.read(1, 10)).events).toEqual([eventOf(1), eventOf(2)]);
    await log.close();
    expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(3);
  });

  it('is readable by its owner only and can be removed', async () => {
    const log = await open();
    log.append(eventOf(1));
    await log.settled();
    expect((await stat(path)).mode & 0o777).toBe(0o600);

    await log.remove();

    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
