import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventEnvelope } from '@steward/contracts';
import { newId } from '@steward/sdk';
import { createManualClock, startDynamo } from '@steward/service-kit/test-support';
import type { ManualClock, RunningDynamo } from '@steward/service-kit/test-support';
import { EventAppender } from '../../src/events/appender.ts';
import { DecisionTally } from '../../src/events/decision-tally.ts';
import { EventNotifier } from '../../src/events/notifier.ts';
import { DynamoEventRepository } from '../../src/events/repository.dynamo.ts';
import { MemoryEventRepository } from '../../src/events/repository.memory.ts';
import type { EventRepository } from '../../src/events/repository.ts';
import { DecisionPacking } from '../../src/packs/packing.ts';
import { DynamoPackRepository } from '../../src/packs/repository.dynamo.ts';
import { MemoryPackRepository } from '../../src/packs/repository.memory.ts';
import type { PackRepository } from '../../src/packs/repository.ts';
import { personOf, sentEvent } from '../fixtures.ts';

let dynamo: RunningDynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

const day = { from: '2026-02-21T00:00:00.000Z', to: '2026-02-21T23:59:59.999Z' };
const minute = 60_000;

type Found = Map<string, { readonly count: number; readonly newest: string }>;

function note(found: Found, content: string, count: number, time: string): void {
  const known = found.get(content);
  const newest = known !== undefined && known.newest > time ? known.newest : time;
  found.set(content, { count: (known?.count ?? 0) + count, newest });
}

describe.each(['memory', 'DynamoDB'])('a tally over hours that are packed in %s', (store) => {
  let events: EventRepository;
  let packs: PackRepository;
  let clock: ManualClock;
  let appender: EventAppender;
  let decisions: DecisionTally;
  let rowsRead: number;
  let tenant: string;
  let workspaceId: string;

  beforeEach(() => {
    events = store === 'memory' ? new MemoryEventRepository() : new DynamoEventRepository(dynamo);
    packs = store === 'memory' ? new MemoryPackRepository() : new DynamoPackRepository(dynamo);
    const counted: EventRepository = Object.create(events, {
      readDay: {
        value: async function* (...args: Parameters<EventRepository['readDay']>) {
          for await (const text of events.readDay(...args)) {
            rowsRead += 1;
            yield text;
          }
        },
      },
    }) as EventRepository;
    rowsRead = 0;
    clock = createManualClock('2026-02-21T13:00:00.000Z');
    const packing = new DecisionPacking({ packs, clock });
    appender = new EventAppender({ events, notifier: new EventNotifier(), clock, packing });
    decisions = new DecisionTally({ events: counted, packing });
    tenant = `tenant-${newId('sess').slice(-8).toLowerCase()}`;
    workspaceId = newId('ws');
  });

  const decided = (time: string, command: string): EventEnvelope =>
    sentEvent({
      workspaceId,
      timestamp: `2026-02-21T${time}.000Z`,
      eventType: 'decision_recorded',
      payload: {
        toolCallId: newId('evt').replace('evt', 'call'),
        decision: { decision: 'allow' },
        recorded: { schemaVersion: 1, arguments: { command } },
      },
    });
  const append = async (sent: readonly EventEnvelope[], person = 'alice', ws = workspaceId) => {
    const own = sent.map((event) => ({ ...event, tenantId: tenant, userId: person, workspaceId: ws }));
    await appender.append(personOf(person, tenant), own);
  };
  /** Everything of a tally, page by page: how often each command was decided on, and the newest time. */
  const tally = async (query: object = {}) => {
    const found = new Map() as Found;
    let cursor: string | undefined;
    do {
      const asked = { ...day, ...query, ...(cursor === undefined ? {} : { cursor }) };
      const { items, nextCursor } = await decisions.page(personOf('yan', tenant, ['admin']), asked);
      for (const { count, content, timestamp } of items) note(found, content, count, timestamp);
      cursor = nextCursor;
    } while (cursor !== undefined);
    return Object.fromEntries(found);
  };
  /** The same by a loop over all events. */
  const naively = async ({ from = day.from, to = day.to, user = '' } = {}) => {
    const found = new Map() as Found;
    const { scope } = personOf('yan', tenant);
    for await (const { envelope, payload } of events.readDay(scope, '2026-02-21', { from, to }, 'many')) {
      const { toolCallId: _call, ...content } = JSON.parse(payload) as { toolCallId: string };
      if (user === '' || envelope.userId === user) note(found, JSON.stringify(content), 1, envelope.timestamp);
    }
    return Object.fromEntries(found);
  };
  const later = (minutes: number) => clock.advance(minutes * minute);

  it('reads no event again of an hour that it read whole, and says the same', async () => {
    await append([decided('10:05:00', 'ls'), decided('10:06:00', 'ls'), decided('11:59:59', 'pwd')]);
    await append([decided('12:00:00', 'git log')], 'bob', newId('ws'));
    later(60);
    const first = await tally();
    const read = rowsRead;

    const again = await tally();

    expect(read).toBe(4);
    expect(rowsRead).toBe(read);
    expect(again).toEqual(first);
    expect(again).toEqual(await naively());
    expect(await tally({ user: 'bob' })).toEqual(await naively({ user: 'bob' }));
    expect(rowsRead).toBe(read);
  });

  it('reads event by event where only a part of the hour is asked for', async () => {
    await append([decided('10:05:00', 'ls'), decided('10:50:00', 'pwd'), decided('11:10:00', 'id')]);
    later(60);
    await tally();
    const part = { from: '2026-02-21T10:30:00.000Z', to: '2026-02-21T11:20:00.000Z' };

    const found = await tally(part);

    expect(Object.values(found).map(({ count }) => count)).toEqual([1, 1]);
    expect(found).toEqual(await naively(part));
  });

  it('does not take an hour for whole that is hardly over', async () => {
    await append([decided('12:05:00', 'ls')]);
    later(20);
    await tally();
    await append([decided('12:06:00', 'pwd')]);

    expect(await tally()).toEqual(await naively());
    expect(Object.keys(await tally())).toHaveLength(2);
  });

  it('counts what a machine that was away delivers into packed hours, at once and when they are packed anew', async () => {
    await append([decided('10:05:00', 'ls')]);
    later(60);
    await tally();
    await append([decided('10:06:00', 'ls'), decided('10:07:00', 'pwd')]);

    expect(await tally()).toEqual(await naively());

    later(15);
    await tally();
    const read = rowsRead;

    expect(await tally()).toEqual(await naively());
    expect(rowsRead).toBe(read);
    expect(Object.values(await tally()).map(({ count }) => count)).toEqual([1, 2]);
  });

  it('makes a pack anew that can no longer be read', async () => {
    await append([decided('10:05:00', 'ls')]);
    later(60);
    const first = await tally();
    await packs.put(personOf('alice', tenant).scope, {
      hour: '2026-02-21T10:00:00.000Z',
      readAt: '2026-02-21T13:59:00.000Z',
      parts: [new Uint8Array([1, 2, 3])],
    });

    expect(await tally()).toEqual(first);
  });

  it('goes on page by page over packed and other hours without losing or repeating any', async () => {
    const long = 'x'.repeat(60_000);
    const sent = Array.from({ length: 220 }, (_, n) =>
      decided(`${String(9 + (n % 4)).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}:00`, `echo ${n} ${long}`),
    );
    for (let start = 0; start < sent.length; start += 40) await append(sent.slice(start, start + 40));
    later(60);
    const first = await tally();
    await append([decided('10:30:00', 'late')]);

    const again = await tally();

    expect(Object.keys(first)).toHaveLength(220);
    expect(Object.keys(again)).toHaveLength(221);
    expect(Object.values(again).every(({ count }) => count === 1)).toBe(true);
  });
});
