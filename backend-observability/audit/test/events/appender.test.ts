import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@steward/sdk';
import { createManualClock, startDynamo, testScope } from '@steward/service-kit/test-support';
import type { RunningDynamo } from '@steward/service-kit/test-support';
import { EventAppender } from '../../src/events/appender.ts';
import { findBreak } from '../../src/events/chain.ts';
import { streamOf } from '../../src/events/event.ts';
import type { SealedEvent } from '../../src/events/event.ts';
import { EventNotifier } from '../../src/events/notifier.ts';
import { DynamoEventRepository } from '../../src/events/repository.dynamo.ts';
import { MemoryEventRepository } from '../../src/events/repository.memory.ts';
import type { EventRepository } from '../../src/events/repository.ts';
import { DecisionPacking } from '../../src/packs/packing.ts';
import { MemoryPackRepository } from '../../src/packs/repository.memory.ts';
import { personOf, sentEvent } from '../fixtures.ts';

const alice = personOf('alice');
const service = {
  tenantId: 'acme',
  scope: testScope('acme'),
  userId: 'bob',
  roles: ['service'],
  principal: { type: 'service' as const, id: 'approval-service' },
  isService: true,
  actingFor: { tenantId: 'acme', userId: 'bob' },
};

let dynamo: RunningDynamo;

beforeAll(async () => {
  dynamo = await startDynamo();
});

afterAll(() => dynamo.close());

describe.each([
  ['memory', () => new MemoryEventRepository()],
  ['DynamoDB', () => new DynamoEventRepository(dynamo)],
])('EventAppender with %s', (_name, createRepository) => {
  function prepare() {
    const events: EventRepository = createRepository();
    const clock = createManualClock();
    const packing = new DecisionPacking({ packs: new MemoryPackRepository(), clock });
    const deps = { events, notifier: new EventNotifier(), clock, packing };
    return { events, workspaceId: newId('ws'), appender: new EventAppender(deps), another: new EventAppender(deps) };
  }

  async function read(events: EventRepository, workspaceId: string): Promise<SealedEvent[]> {
    const found: SealedEvent[] = [];
    const stream = streamOf({ tenantId: 'acme', workspaceId });
    for await (const { event } of events.readStream(testScope(stream.tenantId), stream, 1)) found.push(event);
    return found;
  }

  it('numbers the events of concurrent writers of several instances without gap, and chains them', async () => {
    const { events, workspaceId, appender, another } = prepare();
    const batches = Array.from({ length: 12 }, () => [1, 2, 3].map(() => sentEvent({ workspaceId })));

    const outcomes = await Promise.all(
      batches.map((batch, index) => (index % 2 === 0 ? appender : another).append(alice, batch)),
    );

    const stored = await read(events, workspaceId);
    expect(stored.map(({ streamSeq }) => streamSeq)).toEqual(Array.from({ length: 36 }, (_, n) => n + 1));
    expect(findBreak(stored)).toBeUndefined();
    for (const outcome of outcomes) {
      const [first = 0, second, third] = outcome.map(({ streamSeq }) => streamSeq);
      expect([second, third]).toEqual([first + 1, first + 2]);
    }
  });

  it('keeps the order of a batch that is larger than one transaction', async () => {
    const { events, workspaceId, appender } = prepare();
    const batch = Array.from({ length: 100 }, () => sentEvent({ workspaceId, payload: { text: 'x'.repeat(60_000) } }));

    const outcomes = await appender.append(alice, batch);

    expect(outcomes.map(({ streamSeq }) => streamSeq)).toEqual(Array.from({ length: 100 }, (_, n) => n + 1));
    expect((await read(events, workspaceId)).map(({ eventId }) => eventId)).toEqual(
      batch.map(({ eventId }) => eventId),
    );
  });

  it('answers known events with their number and stores only the new ones', async () => {
    const { events, workspaceId, appender } = prepare();
    const [first, second, third] = [1, 2, 3].map(() => sentEvent({ workspaceId })) as [never, never, never];
    await appender.append(alice, [first, second]);

    const again = await appender.append(alice, [second, third, first, third]);

    expect(again.map(({ streamSeq, duplicate }) => [streamSeq, duplicate])).toEqual([
      [2, true],
      [3, false],
      [1, true],
      [3, true],
    ]);
    expect(await read(events, workspaceId)).toHaveLength(3);
  });

  it('gives one number to an event that is sent many times at once', async () => {
    const { events, workspaceId, appender, another } = prepare();
    const event = sentEvent({ workspaceId });

    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, n) => (n % 2 === 0 ? appender : another).append(alice, [event])),
    );

    expect(new Set(outcomes.flat().map(({ streamSeq }) => streamSeq))).toEqual(new Set([1]));
    expect(outcomes.flat().filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(await read(events, workspaceId)).toHaveLength(1);
  });

  it('refuses a known id with another content, and stores nothing of that batch', async () => {
    const { events, workspaceId, appender } = prepare();
    const event = sentEvent({ workspaceId });
    await appender.append(alice, [event]);

    const appending = appender.append(alice, [sentEvent({ workspaceId }), { ...event, payload: { exitCode: 1 } }]);

    await expect(appending).rejects.toMatchObject({ code: 'CONFLICT', details: { eventId: event.eventId } });
    expect(await read(events, workspaceId)).toHaveLength(1);
  });

  it('refuses two contents for one id in one batch', async () => {
    const { workspaceId, appender } = prepare();
    const event = sentEvent({ workspaceId });

    await expect(appender.append(alice, [event, { ...event, severity: 'error' }])).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });

  it('sorts a mixed batch into its streams', async () => {
    const { workspaceId, appender } = prepare();
    const other = newId('ws');

    const outcomes = await appender.append(alice, [
      sentEvent({ workspaceId }),
      sentEvent({ workspaceId: other }),
      sentEvent({ workspaceId }),
    ]);

    expect(outcomes.map(({ streamId, streamSeq }) => [streamId, streamSeq])).toEqual([
      [workspaceId, 1],
      [other, 1],
      [workspaceId, 2],
    ]);
  });

  it('lets nobody add to the stream of another person, except services that report what an approver did', async () => {
    const { events, workspaceId, appender } = prepare();
    await appender.append(alice, [sentEvent({ workspaceId })]);

    const byBob = appender.append(personOf('bob'), [sentEvent({ workspaceId })]);
    await expect(byBob).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    await appender.append(service, [
      sentEvent({ workspaceId, component: 'ApprovalService', eventType: 'approval_resolved' }),
    ]);

    const stored = await read(events, workspaceId);
    expect(stored.map(({ userId, principal }) => [userId, principal])).toEqual([
      ['alice', { type: 'user', id: 'alice' }],
      ['bob', { type: 'service', id: 'approval-service' }],
    ]);
    const head = await events.head(testScope('acme'), streamOf({ tenantId: 'acme', workspaceId }));
    expect(head?.owner).toBe('alice');
  });

  it('does not make an approver the owner of a stream that a service begins', async () => {
    const { events, workspaceId, appender } = prepare();

    await appender.append(service, [
      sentEvent({ workspaceId, component: 'ApprovalService', eventType: 'approval_resolved' }),
    ]);
    await appender.append(alice, [sentEvent({ workspaceId })]);

    const head = await events.head(testScope('acme'), streamOf({ tenantId: 'acme', workspaceId }));
    expect(head?.owner).toBe('alice');
  });

  it('asks the store nothing before it writes to a stream that nobody else writes to', async () => {
    const { events, workspaceId, appender } = prepare();
    const asked: string[] = [];
    const noted = (name: 'head' | 'findReferences' | 'append') => {
      const ask = events[name].bind(events) as (...args: unknown[]) => unknown;
      Object.assign(events, { [name]: (...args: unknown[]) => (asked.push(name), ask(...args)) });
    };
    for (const name of ['head', 'findReferences', 'append'] as const) noted(name);

    for (let count = 0; count < 3; count += 1) await appender.append(alice, [sentEvent({ workspaceId })]);

    expect(asked).toEqual(['head', 'append', 'append', 'append']);
  });

  it('finds the end of a stream that another instance has written to meanwhile', async () => {
    const { events, workspaceId, appender, another } = prepare();
    const send = async (one: EventAppender) => (await one.append(alice, [sentEvent({ workspaceId })]))[0]?.streamSeq;

    const numbers = [];
    for (const one of [appender, another, another, appender, another, appender]) numbers.push(await send(one));

    expect(numbers).toEqual([1, 2, 3, 4, 5, 6]);
    expect(findBreak(await read(events, workspaceId))).toBeUndefined();
  });

  it('knows whose a stream is although another instance was told', async () => {
    const { workspaceId, appender, another } = prepare();
    const report = { component: 'ApprovalService', eventType: 'approval_resolved' } as const;
    await appender.append(service, [sentEvent({ workspaceId, ...report })]);
    await another.append(alice, [sentEvent({ workspaceId })]);

    const byBob = appender.append(personOf('bob'), [sentEvent({ workspaceId, userId: 'bob' })]);

    await expect(byBob).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  });

  it('stores what many requests bring at once in few transactions, each with its own answer', async () => {
    const { events, workspaceId, appender } = prepare();
    let writes = 0;
    const append = events.append.bind(events);
    Object.assign(events, { append: (...args: Parameters<typeof append>) => ((writes += 1), append(...args)) });
    const sent = Array.from({ length: 60 }, () => sentEvent({ workspaceId }));

    const outcomes = await Promise.all(sent.map((event) => appender.append(alice, [event])));

    expect(outcomes.map(([one]) => [one?.eventId, one?.streamSeq, one?.duplicate])).toEqual(
      sent.map(({ eventId }, at) => [eventId, at + 1, false]),
    );
    expect(findBreak(await read(events, workspaceId))).toBeUndefined();
    // The first alone, then 45, then the rest.
    expect(writes).toBe(3);
  });

  it('answers each of several requests at once as if it came alone', async () => {
    const { events, workspaceId, appender } = prepare();
    const known = sentEvent({ workspaceId });
    await appender.append(alice, [known]);
    const [good, twice, late] = [1, 2, 3].map(() => sentEvent({ workspaceId })) as [never, never, never];

    const results = await Promise.allSettled([
      appender.append(alice, [good]),
      appender.append(alice, [{ ...known, payload: { exitCode: 1 } }]),
      appender.append(personOf('bob'), [sentEvent({ workspaceId, userId: 'bob' })]),
      appender.append(alice, [twice]),
      appender.append(alice, [twice]),
      appender.append(alice, [known, late]),
    ]);

    const answers = results.map((result) =>
      result.status === 'rejected'
        ? (result.reason as { code: string }).code
        : result.value.map(({ streamSeq, duplicate }) => `${streamSeq}${duplicate ? ' again' : ''}`),
    );
    expect(answers).toEqual([['2'], 'CONFLICT', 'PERMISSION_DENIED', ['3'], ['3 again'], ['1 again', '4']]);
    expect(findBreak(await read(events, workspaceId))).toBeUndefined();
  });

  it('fails for all that wait together when the store fails, and stores them when they come again', async () => {
    const { events, workspaceId, appender } = prepare();
    const append = events.append.bind(events);
    let fails = false;
    Object.assign(events, {
      append: (...args: Parameters<typeof append>) => (fails ? Promise.reject(new Error('away')) : append(...args)),
    });
    const sent = [1, 2, 3].map(() => sentEvent({ workspaceId }));

    fails = true;
    const refused = await Promise.allSettled(sent.map((event) => appender.append(alice, [event])));
    fails = false;
    const stored = await Promise.all(sent.map((event) => appender.append(alice, [event])));

    expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(stored.map(([one]) => one?.streamSeq)).toEqual([1, 2, 3]);
  });
});
