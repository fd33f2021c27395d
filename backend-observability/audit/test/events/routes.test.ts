import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@steward/sdk';
import { startDynamo } from '@steward/service-kit/test-support';
import { DynamoEventRepository } from '../../src/events/repository.dynamo.ts';
import { MemoryEventRepository } from '../../src/events/repository.memory.ts';
import type { EventRepository } from '../../src/events/repository.ts';
import { createFixture, second, sentEvent } from '../fixtures.ts';
import type { AuditFixture } from '../fixtures.ts';

interface Store {
  readonly events: EventRepository;
  close(): Promise<void>;
}

async function memory(): Promise<Store> {
  return { events: new MemoryEventRepository(), close: async () => {} };
}

async function dynamoDb(): Promise<Store> {
  const dynamo = await startDynamo();
  return { events: new DynamoEventRepository(dynamo), close: () => dynamo.close() };
}

describe.each([
  ['memory', memory],
  ['DynamoDB', dynamoDb],
])('events over HTTP with %s', (_name, createStore) => {
  let store: Store;
  let app: AuditFixture;
  let alice: string;
  let bob: string;
  let auditor: string;
  let foreignAuditor: string;
  let workspaceId: string;

  beforeAll(async () => {
    store = await createStore();
    app = await createFixture(store);
    [alice, bob, auditor, foreignAuditor] = await Promise.all([
      app.token('alice'),
      app.token('bob'),
      app.token('dave', 'acme', ['auditor']),
      app.token('mallory', 'globex', ['auditor', 'admin']),
    ]);
  });

  beforeEach(() => {
    workspaceId = newId('ws');
  });

  afterAll(() => store.close());

  const append = (token: string, ...events: object[]) => app.api.post('/audit/events', { token, body: { events } });
  const query = (token: string, parameters: Record<string, string | number>) =>
    app.api.get('/events', { token, query: parameters });
  const idsOf = (answer: { body: { items: { eventId: string }[] } }): string[] =>
    answer.body.items.map(({ eventId }) => eventId);

  it('stores an event with its place in the stream and shows it to its person and to the auditor', async () => {
    const event = sentEvent({ workspaceId, sessionId: newId('sess') });

    const stored = await append(alice, event);
    const mine = await app.api.get(`/events/${event.eventId}`, { token: alice });
    const audited = await app.api.get(`/events/${event.eventId}`, { token: auditor });

    expect(stored.status).toBe(201);
    expect(stored.body.items).toEqual([
      { eventId: event.eventId, streamType: 'workspace', streamId: workspaceId, streamSeq: 1, duplicate: false },
    ]);
    expect(mine.body).toMatchObject({ ...event, principal: { type: 'user', id: 'alice' }, streamSeq: 1 });
    expect(audited.body).toEqual(mine.body);
  });

  it('answers the same number for an event that is sent again, and a conflict for another content', async () => {
    const event = sentEvent({ workspaceId });
    await append(alice, event);

    const again = await append(alice, event);
    const changed = await append(alice, { ...event, payload: {} });

    expect(again.body.items[0]).toMatchObject({ streamSeq: 1, duplicate: true });
    expect(changed.status).toBe(409);
  });

  it('files events under the tenant and user of the token, whatever they say', async () => {
    const event = sentEvent({ workspaceId, tenantId: 'globex', userId: 'mallory' });

    await append(alice, event);

    const found = await app.api.get(`/events/${event.eventId}`, { token: alice });
    expect(found.body).toMatchObject({ tenantId: 'acme', userId: 'alice' });
    expect((await app.api.get(`/events/${event.eventId}`, { token: foreignAuditor })).status).toBe(404);
  });

  it('lets a service append for the person that it names', async () => {
    const token = await app.token('session-service', 'system', ['service']);
    const event = sentEvent({ workspaceId, component: 'SessionService', eventType: 'session_created' });
    const headers = { 'x-acting-tenant': 'acme', 'x-acting-user': 'alice' };

    await app.api.post('/audit/events', { token, headers, body: { events: [event] } });

    const found = await app.api.get(`/events/${event.eventId}`, { token: alice });
    expect(found.body).toMatchObject({
      tenantId: 'acme',
      userId: 'alice',
      principal: { type: 'service', id: 'session-service' },
    });
  });

  it.each([
    ['no events', { events: [] }, 400],
    ['an event without an id', { events: [{ eventType: 'x' }] }, 400],
    ['101 events', { events: Array.from({ length: 101 }, () => sentEvent()) }, 400],
    ['a payload that is too large', { events: [sentEvent({ payload: { text: 'x'.repeat(70_000) } })] }, 413],
    ['the component of a service', { events: [sentEvent({ component: 'PolicyService' })] }, 403],
  ])('refuses %s', async (_case, body, status) => {
    expect((await app.api.post('/audit/events', { token: alice, body })).status).toBe(status);
  });

  it('lists a stream in order, from a number on, page by page', async () => {
    const events = Array.from({ length: 5 }, () => sentEvent({ workspaceId }));
    await append(alice, ...events);
    const parameters = { stream_type: 'workspace', stream_id: workspaceId, from_seq: 2, limit: 2 };

    const first = await query(alice, parameters);
    const rest = await query(alice, { ...parameters, cursor: first.body.nextCursor });

    const ids = events.map(({ eventId }) => eventId);
    expect([idsOf(first), idsOf(rest)]).toEqual([ids.slice(1, 3), ids.slice(3)]);
    expect(rest.body.nextCursor).toBeUndefined();
  });

  it('lists a session oldest first across streams, and narrows it', async () => {
    const sessionId = newId('sess');
    const taskId = newId('task');
    const early = sentEvent({ workspaceId, sessionId, timestamp: second(1), eventType: 'task_started', taskId });
    const late = sentEvent({ workspaceId, sessionId, timestamp: second(3), correlationId: 'c-1' });
    const between = sentEvent({ sessionId, timestamp: second(2), component: 'LocalPolicyEnforcer' });
    await append(alice, late, early, between);

    const everything = await query(alice, { session: sessionId });
    const first = await query(alice, { session: sessionId, limit: 1 });
    const rest = await query(alice, { session: sessionId, cursor: first.body.nextCursor });
    const narrowed = [
      await query(alice, { session: sessionId, task: taskId }),
      await query(alice, { session: sessionId, type: 'task_started' }),
      await query(alice, { session: sessionId, to_time: second(1) }),
      await query(alice, { session: sessionId, component: 'LocalPolicyEnforcer' }),
      await query(alice, { session: sessionId, correlation: 'c-1' }),
      await query(alice, { session: sessionId, from_time: second(3) }),
    ];

    const [earlyId, betweenId, lateId] = [early, between, late].map(({ eventId }) => eventId);
    expect(idsOf(everything)).toEqual([earlyId, betweenId, lateId]);
    expect([...idsOf(first), ...idsOf(rest)]).toEqual([earlyId, betweenId, lateId]);
    expect(narrowed.map(idsOf)).toEqual([[earlyId], [earlyId], [earlyId], [betweenId], [lateId], [lateId]]);
  });

  it('lists a tenant newest first over several days, page by page', async () => {
    const tenant = `tenant-${newId('sess').slice(-8).toLowerCase()}`;
    const person = await app.token('zoe', tenant);
    const times = [
      '2026-02-21T10:00:00.000Z',
      '2026-02-19T10:00:00.000Z',
      '2026-02-21T09:00:00.000Z',
      '2026-02-01T10:00:00.000Z',
    ];
    await append(person, ...times.map((timestamp) => sentEvent({ workspaceId, timestamp })));
    const admin = await app.token('yan', tenant, ['admin']);

    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await query(admin, { limit: 1, from_time: '2026-02-02T00:00:00Z', ...(cursor && { cursor }) });
      seen.push(...page.body.items.map(({ timestamp }: { timestamp: string }) => timestamp));
      cursor = page.body.nextCursor;
    } while (cursor !== undefined);

    expect(seen).toEqual([times[0], times[2], times[1]]);
  });

  it('goes through years without events in pages that end', async () => {
    const tenant = `tenant-${newId('sess').slice(-8).toLowerCase()}`;
    const admin = await app.token('yan', tenant, ['admin', 'user']);
    await append(admin, sentEvent({ workspaceId, timestamp: '2024-01-01T00:00:00.000Z' }));

    const found: string[] = [];
    let pages = 0;
    let cursor: string | undefined;
    do {
      const page = await query(admin, { from_time: '2023-12-01T00:00:00Z', ...(cursor && { cursor }) });
      found.push(...idsOf(page));
      cursor = page.body.nextCursor;
      pages += 1;
    } while (cursor !== undefined && pages < 20);

    expect(found).toHaveLength(1);
    expect(pages).toBeGreaterThan(1);
    expect(pages).toBeLessThan(20);
  });

  it('shows people only their own events and those of their workspaces, auditors the tenant and nobody another tenant', async () => {
    const sessionId = newId('sess');
    const event = sentEvent({ workspaceId, sessionId });
    await append(alice, event);
    const stream = { stream_type: 'workspace', stream_id: workspaceId };

    for (const token of [bob, foreignAuditor]) {
      expect((await app.api.get(`/events/${event.eventId}`, { token })).status).toBe(404);
      expect(idsOf(await query(token, stream))).toEqual([]);
      expect(idsOf(await query(token, { session: sessionId }))).toEqual([]);
      expect(idsOf(await query(token, { from_time: second(0), to_time: second(59) }))).not.toContain(event.eventId);
    }
    expect(idsOf(await query(auditor, stream))).toEqual([event.eventId]);
    expect(idsOf(await query(auditor, { session: sessionId }))).toEqual([event.eventId]);
  });

  it('refuses events for the workspace of another person', async () => {
    await append(alice, sentEvent({ workspaceId }));

    const planted = await append(bob, sentEvent({ workspaceId }));

    expect(planted.status).toBe(403);
    expect((await query(alice, { stream_type: 'workspace', stream_id: workspaceId })).body.items).toHaveLength(1);
  });

  it.each([
    { from_seq: 1 },
    { stream_type: 'workspace' },
    { cursor: 'rubbish' },
    { cursor: Buffer.from('{"day":"not a day"}').toString('base64url') },
    { cursor: Buffer.from('{"seq":"x"}').toString('base64url'), session: 'sess_00000000000000000000000001' },
    { limit: 201 },
    { session: 'x' },
  ])('refuses the query %j', async (parameters) => {
    expect((await query(auditor, parameters as never)).status).toBe(400);
  });

  it('offers no way to change or remove an event', async () => {
    const event = sentEvent({ workspaceId });
    await append(alice, event);
    const path = `/events/${event.eventId}`;

    const answers = [
      await app.api.put(path, { token: auditor, body: {} }),
      await app.api.patch(path, { token: auditor, body: {} }),
      await app.api.delete(path, { token: auditor }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([405, 405, 405]);
  });

  it('asks for a valid token and a fitting role', async () => {
    const approver = await app.token('bob', 'acme', ['approver']);

    expect((await app.api.get('/events')).status).toBe(401);
    expect((await query(approver, {})).status).toBe(403);
    expect((await append(auditor, sentEvent())).status).toBe(403);
  });

  it('says that it is healthy and ready', async () => {
    expect((await app.api.get('/healthz')).status).toBe(200);
    expect((await app.api.get('/readyz')).status).toBe(200);
  });
});
