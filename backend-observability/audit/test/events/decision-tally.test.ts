import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventEnvelope } from '@steward/contracts';
import { newId } from '@steward/sdk';
import { startDynamo } from '@steward/service-kit/test-support';
import type { RunningDynamo } from '@steward/service-kit/test-support';
import { DynamoEventRepository } from '../../src/events/repository.dynamo.ts';
import { MemoryEventRepository } from '../../src/events/repository.memory.ts';
import { createFixture, second, sentEvent } from '../fixtures.ts';
import type { AuditFixture } from '../fixtures.ts';

let dynamo: RunningDynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

const day = { from_time: '2026-02-21T00:00:00.000Z', to_time: '2026-02-21T23:59:59.999Z' };

describe.each(['memory', 'DynamoDB'])('a tally of decisions kept in %s', (store) => {
  let app: AuditFixture;
  let tenant: string;
  let admin: string;
  let workspaceId: string;

  beforeEach(async () => {
    app = await createFixture({
      events: store === 'memory' ? new MemoryEventRepository() : new DynamoEventRepository(dynamo),
    });
    tenant = `tenant-${newId('sess').slice(-8).toLowerCase()}`;
    admin = await app.token('yan', tenant, ['admin']);
    workspaceId = newId('ws');
  });

  const contentOf = (command: string) => ({
    decision: { decision: 'allow', reasonCodes: ['ALLOWED_BY_CAPABILITY'] },
    recorded: { schemaVersion: 1, toolName: 'RunCommand', replayable: true, arguments: { command } },
  });
  const decided = (n: number, command: string, changes: Partial<EventEnvelope> = {}): EventEnvelope =>
    sentEvent({
      workspaceId,
      timestamp: second(n),
      eventType: 'decision_recorded',
      payload: { toolCallId: newId('evt').replace('evt', 'call'), ...contentOf(command) },
      ...changes,
    });
  const append = async (events: readonly EventEnvelope[], person = 'alice') => {
    const token = await app.token(person, tenant);
    const stored = await app.api.post('/audit/events', { token, body: { events: [...events] } });
    expect(stored.status).toBe(201);
  };
  const tally = (query: object = {}, token = admin) =>
    app.api.get('/audit/decisions', { token, query: { ...day, ...query } });

  it('counts decisions of equal content together and names the newest, leaving other events out', async () => {
    const events = [decided(1, 'ls'), decided(2, 'git log'), decided(3, 'ls'), sentEvent({ workspaceId })];
    await append(events);

    const { body } = await tally();

    const newest = (at: number, count: number, command: string) => ({
      count,
      eventId: events[at]!.eventId,
      timestamp: second(at + 1),
      userId: 'alice',
      content: JSON.stringify(contentOf(command)),
    });
    expect(body).toEqual({ items: [newest(2, 2, 'ls'), newest(1, 1, 'git log')], readBackTo: second(0) });
  });

  it('counts one session, one person or a part of the day when that is asked for', async () => {
    const sessionId = newId('sess');
    await append([decided(1, 'ls', { sessionId }), decided(2, 'ls'), decided(3, 'git log', { sessionId })]);
    await append([decided(4, 'ls', { workspaceId: newId('ws') })], 'bob');

    const counts = async (query: object) =>
      (await tally(query)).body.items.map(({ count, content }: { count: number; content: string }) => [
        count,
        JSON.parse(content).recorded.arguments.command,
      ]);

    expect(await counts({ session: sessionId })).toEqual([
      [1, 'ls'],
      [1, 'git log'],
    ]);
    expect(await counts({ user: 'bob' })).toEqual([[1, 'ls']]);
    expect(await counts({ from_time: second(2), to_time: second(3) })).toEqual([
      [1, 'git log'],
      [1, 'ls'],
    ]);
  });

  it('finds nothing in a time that ends before it begins, on one day or over several', async () => {
    await append([decided(1, 'ls')]);
    const backwards = [
      { from_time: second(30), to_time: second(1) },
      { from_time: '2026-02-21T15:14:48Z', to_time: '2026-02-21T03:00:01.00Z' },
      { from_time: '2026-02-22T00:00:00.000Z', to_time: '2026-02-20T00:00:00.000Z' },
    ];

    const answers = await Promise.all(
      backwards.flatMap((query) => [tally(query), app.api.get('/events', { token: admin, query })]),
    );

    expect(answers.map(({ status, body }) => [status, body])).toEqual(answers.map(() => [200, { items: [] }]));
  });

  it('goes on page by page without losing or repeating any', async () => {
    const long = 'x'.repeat(60_000);
    const sent = Array.from({ length: 130 }, (_, n) => decided(n % 60, `echo ${n} ${long}`));
    for (let start = 0; start < sent.length; start += 40) await append(sent.slice(start, start + 40));

    const seen: string[] = [];
    let pages = 0;
    let cursor: string | undefined;
    do {
      const { body } = await tally(cursor === undefined ? {} : { cursor });
      seen.push(...body.items.map(({ eventId }: { eventId: string }) => eventId));
      cursor = body.nextCursor;
      pages += 1;
    } while (cursor !== undefined && pages < 20);

    expect(pages).toBeGreaterThan(1);
    expect([...seen].sort()).toEqual(sent.map(({ eventId }) => eventId).sort());
  });

  it('is for those who may see the whole tenant, and of their own tenant only', async () => {
    await append([decided(1, 'ls')]);
    const foreign = await app.token('mallory', 'globex', ['admin']);

    expect((await tally({}, await app.token('alice', tenant))).status).toBe(403);
    expect((await tally({}, foreign)).body.items).toEqual([]);
  });
});
