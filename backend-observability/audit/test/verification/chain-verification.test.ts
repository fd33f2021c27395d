import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { newId } from '@steward/sdk';
import { DynamoJobStore, MemoryJobStore, createLogger } from '@steward/service-kit';
import { createManualClock, startDynamo, testScope } from '@steward/service-kit/test-support';
import type { RunningDynamo } from '@steward/service-kit/test-support';
import { eventItem } from '../../src/events/event-items.ts';
import { streamName } from '../../src/events/event.ts';
import type { StoredEvent } from '../../src/events/event.ts';
import { DynamoEventRepository } from '../../src/events/repository.dynamo.ts';
import { MemoryEventRepository } from '../../src/events/repository.memory.ts';
import type { EventRepository } from '../../src/events/repository.ts';
import { ChainVerification } from '../../src/verification/chain-verification.ts';
import { sentEvent, storedEvents } from '../fixtures.ts';

const secret = 'content-that-stays-where-it-is';

/** A stream of one workspace. */
function stream(tenantId: string, length: number, workspaceId: string = newId('ws')): StoredEvent[] {
  const sent = Array.from({ length }, () => sentEvent({ tenantId, workspaceId, payload: { secret } }));
  return storedEvents(sent);
}

/** The same event as somebody with write access would leave it. */
function forged(stored: StoredEvent): StoredEvent {
  return { ...stored, event: { ...stored.event, payload: { secret: `${secret}!` } } };
}

async function world(events: EventRepository, jobs: DynamoJobStore | MemoryJobStore, rowsPerPass?: number) {
  const clock = createManualClock();
  const lines: string[] = [];
  const logger = createLogger('audit', { write: (line) => void lines.push(line) });
  const deps = {
    events,
    jobs,
    clock,
    logger,
    intervalSeconds: 60,
    pauseMs: 0,
    ...(rowsPerPass === undefined ? {} : { rowsPerPass }),
  };
  const [one, other] = [new ChainVerification(deps), new ChainVerification(deps)];
  /** Whether each of two instances made a pass, and what they wrote. */
  const pass = async () => {
    clock.advance(60_000);
    lines.length = 0;
    const made = await Promise.all([one.run(), other.run()]);
    return { made: made.filter(Boolean).length, written: lines.map((line) => factsOf(line)), raw: lines.join('') };
  };
  const stop = (): void => [one, other].forEach((instance) => instance.stop());
  return { pass, stop };
}

function factsOf(line: string): Record<string, unknown> {
  const { level, time: _time, service: _service, msg: _msg, ...facts } = JSON.parse(line) as Record<string, unknown>;
  return { level, ...facts };
}

let dynamo: RunningDynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

async function append(events: EventRepository, stored: readonly StoredEvent[]): Promise<void> {
  const [first] = stored;
  if (first !== undefined) expect(await events.append(testScope(first.event.tenantId), stored)).toBe(true);
}

describe('the check of chains in memory', () => {
  const open = async (streams: readonly StoredEvent[][], rowsPerPass?: number) => {
    const events = new MemoryEventRepository();
    for (const stored of streams) await append(events, stored);
    return { events, ...(await world(events, new MemoryJobStore(), rowsPerPass)) };
  };

  it('says once per pass how much holds, whichever instance looked', async () => {
    const { pass } = await open([stream('acme', 3), stream('acme', 2), stream('globex', 4)]);

    const { made, written } = await pass();

    expect({ made, written }).toEqual({
      made: 1,
      written: [{ level: 'info', event: 'chain_verified', events: 9, streams: 3, isLast: true }],
    });
  });

  it('goes through a long stream in parts that join, and begins anew at the end', async () => {
    const { pass } = await open([stream('acme', 25)], 10);

    const passes = [await pass(), await pass(), await pass(), await pass()];

    expect(passes.map(({ written }) => written[0])).toEqual([
      { level: 'info', event: 'chain_verified', events: 10, streams: 1, isLast: false },
      { level: 'info', event: 'chain_verified', events: 10, streams: 1, isLast: false },
      { level: 'info', event: 'chain_verified', events: 5, streams: 1, isLast: true },
      { level: 'info', event: 'chain_verified', events: 10, streams: 1, isLast: false },
    ]);
  });

  it('ends early when its process is asked to stop, and the next one goes on there', async () => {
    const events = new MemoryEventRepository();
    await append(events, stream('acme', 250));
    const jobs = new MemoryJobStore();
    const [stopped, next] = [await world(events, jobs), await world(events, jobs)];
    stopped.stop();

    const first = await stopped.pass();
    const tooSoon = await next.pass();
    const second = await next.pass();

    expect([first, tooSoon, second].flatMap(({ written }) => written)).toEqual([
      { level: 'info', event: 'chain_verified', events: 100, streams: 1, isLast: false },
      { level: 'info', event: 'chain_verified', events: 150, streams: 1, isLast: true },
    ]);
  });

  it('joins what was added behind its position', async () => {
    const all = stream('acme', 12);
    const { events, pass } = await open([all.slice(0, 11)], 10);

    await pass();
    await append(events, all.slice(11));
    const { written } = await pass();

    expect(written).toEqual([{ level: 'info', event: 'chain_verified', events: 2, streams: 1, isLast: true }]);
  });

  it.each([
    ['was changed', (all: StoredEvent[]) => [...all.slice(0, 4), forged(all[4]!), ...all.slice(5)], 5],
    [
      'follows another one',
      (all: StoredEvent[]) => [
        ...all.slice(0, 4),
        ...storedEvents([sentEvent(all[4]!.event)], [forgedHead(all)]),
        ...all.slice(5),
      ],
      5,
    ],
  ])('tells where an event %s, and nothing of what it holds', async (_title, change, streamSeq) => {
    const workspaceId = newId('ws');
    const { pass } = await open([change(stream('acme', 8, workspaceId))], 3);

    const { raw: first } = await pass();
    const { written, raw } = await pass();

    expect(first).toContain('chain_verified');
    expect(written).toEqual([
      {
        level: 'error',
        event: 'chain_verification_failed',
        tenantId: 'acme',
        stream: `workspace#${workspaceId}`,
        streamSeq,
        events: 2,
        streams: 1,
        isLast: false,
      },
    ]);
    expect(raw).not.toContain(secret);
  });
});

/** A head with the right number and another hash. */
function forgedHead(all: readonly StoredEvent[]): StoredEvent {
  const head = all[3]!;
  return { ...head, event: { ...head.event, hash: `sha256:${'1'.repeat(64)}` } };
}

describe('the check of chains in DynamoDB', () => {
  it('finds each broken stream once in a round, however its rows were changed, and goes on behind it', async () => {
    const events = new DynamoEventRepository(dynamo);
    const { pass } = await world(events, new DynamoJobStore(dynamo), 7);
    const whole = [stream('acme', 9), stream('globex', 9)];
    const changed = stream('acme', 9);
    const cut = stream('acme', 9);
    const unreadable = stream('globex', 9);
    const foreign = stream('globex', 9);
    for (const stored of [...whole, changed, unreadable, foreign]) await append(events, stored);
    const overwrite = (at: StoredEvent, item: object, id = at.event) =>
      dynamo.client.send(
        new PutItemCommand({
          TableName: `${dynamo.env}-audit-events`,
          Item: marshall({ tenantStream: streamName(id), ...eventItem(at), ...item }, { removeUndefinedValues: true }),
        }),
      );
    await overwrite(forged(changed[2]!), {});
    // Its first events are gone: the rows from the fifth on stand alone.
    for (const stored of cut.slice(4)) await overwrite(stored, {});
    await overwrite(unreadable[5]!, { payload: '{' });
    await overwrite(whole[0]![1]!, { seq: 2 }, foreign[1]!.event);

    const written: Record<string, unknown>[] = [];
    do written.push(...(await pass()).written);
    while (written.at(-1)?.['isLast'] !== true);

    const broken = written.filter(({ event }) => event === 'chain_verification_failed');
    const places = broken.map(({ stream: name, streamSeq }) => `${String(name)} ${String(streamSeq)}`);
    expect(places.map((place) => place.split('#').at(-1)).sort()).toEqual(
      [
        `${changed[0]!.event.streamId} 3`,
        `${cut[0]!.event.streamId} 5`,
        `${unreadable[0]!.event.streamId} 6`,
        `${foreign[0]!.event.streamId} 2`,
      ].sort(),
    );
    expect(written.length).toBeGreaterThan(broken.length);
  });
});
