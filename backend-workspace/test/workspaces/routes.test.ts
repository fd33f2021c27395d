import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@steward/sdk';
import { createFixture, durableStores, memoryStores } from '../app-fixture.ts';
import type { AppFixture, Stores } from '../app-fixture.ts';

describe.each([
  ['memory', memoryStores],
  ['DynamoDB and files', durableStores],
])('workspaces over HTTP with %s', (_name, createStores) => {
  let stores: Stores;
  let app: AppFixture;
  let alice: string;
  let bob: string;
  let mallory: string;

  beforeAll(async () => {
    stores = await createStores();
    app = await createFixture(stores);
    [alice, bob, mallory] = await Promise.all([app.token('alice'), app.token('bob'), app.token('alice', 'globex')]);
  });

  afterAll(() => stores.close());

  it('creates a local workspace once and answers the same one afterwards', async () => {
    const body = { workspaceScope: 'local', localPath: '/home/alice/once/' };

    const first = await app.api.post('/workspaces', { token: alice, body });
    const second = await app.api.post('/workspaces', {
      token: alice,
      body: { ...body, localPath: '/home/alice/once' },
    });

    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body).toEqual(first.body);
    expect(first.body).toEqual({
      workspaceId: expect.stringMatching(/^ws_/),
      tenantId: 'acme',
      userId: 'alice',
      workspaceScope: 'local',
      localPath: '/home/alice/once',
      createdAt: '2026-02-21T15:04:22.000Z',
      updatedAt: '2026-02-21T15:04:22.000Z',
      lastActiveAt: '2026-02-21T15:04:22.000Z',
    });
  });

  it('creates one local workspace for many requests at once', async () => {
    const body = { workspaceScope: 'local', localPath: '/home/alice/race' };

    const answers = await Promise.all(
      Array.from({ length: 10 }, () => app.api.post('/workspaces', { token: alice, body })),
    );

    expect(new Set(answers.map((answer) => answer.body.workspaceId)).size).toBe(1);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  });

  it('creates a new general workspace every time', async () => {
    const body = { workspaceScope: 'general' };

    const first = await app.api.post('/workspaces', { token: alice, body });
    const second = await app.api.post('/workspaces', { token: alice, body });

    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body.workspaceId).not.toBe(first.body.workspaceId);
  });

  it('lets a service take back an empty workspace, and never one that holds something', async () => {
    const token = await app.token('session-service', 'system', ['service']);
    const headers = { 'x-acting-tenant': 'acme', 'x-acting-user': 'alice' };
    const body = { workspaceScope: 'general' };
    const empty = (await app.api.post('/workspaces', { token, headers, body })).body.workspaceId as string;
    const used = (await app.api.post('/workspaces', { token, headers, body })).body.workspaceId as string;
    await app.api.post(`/workspaces/${used}/artifacts`, {
      token: alice,
      body: { sessionId: newId('sess'), artifactType: 'file', name: 'a.txt', contentType: 'text/plain', content: 'a' },
    });

    const answers = [
      await app.api.delete(`/workspaces/${empty}`, { token, headers: { ...headers, 'x-acting-user': 'bob' } }),
      await app.api.delete(`/workspaces/${empty}`, { token, headers }),
      await app.api.delete(`/workspaces/${used}`, { token, headers }),
      await app.api.get(`/workspaces/${used}`, { token: alice }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([404, 200, 409, 200]);
  });

  it('answers a repeated Idempotency-Key with the workspace of the first request', async () => {
    const request = { token: alice, body: { workspaceScope: 'general' }, headers: { 'idempotency-key': 'start-1' } };

    const first = await app.api.post('/workspaces', request);
    const second = await app.api.post('/workspaces', request);

    expect(second.body).toEqual(first.body);
  });

  it('lets a service create and read on behalf of the person that it names', async () => {
    const token = await app.token('session-service', 'system', ['service']);
    const headers = { 'x-acting-tenant': 'acme', 'x-acting-user': 'alice' };
    const body = { workspaceScope: 'local', localPath: '/home/alice/by-service' };

    const created = await app.api.post('/workspaces', { token, headers, body });
    const mine = await app.api.get(`/workspaces/${created.body.workspaceId}`, { token: alice });
    const withoutName = await app.api.get(`/workspaces/${created.body.workspaceId}`, { token });

    expect(created.body).toMatchObject({ tenantId: 'acme', userId: 'alice' });
    expect(mine.body).toEqual(created.body);
    expect(withoutName.status).toBe(404);
  });

  it.each([
    [{ workspaceScope: 'local' }],
    [{ workspaceScope: 'local', localPath: 'relative/path' }],
    [{ workspaceScope: 'general', localPath: '/home' }],
    [{ workspaceScope: 'cloud' }],
    [{ workspaceScope: 'general', tenantId: 'globex' }],
  ])('refuses %j', async (body) => {
    const answer = await app.api.post('/workspaces', { token: alice, body });

    expect(answer.status).toBe(400);
    expect(answer.body.code).toBe('INVALID_REQUEST');
  });

  it('lists the own workspaces only, last active first, page by page', async () => {
    const token = await app.token('carol');
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      app.clock.advance(1000);
      ids.unshift((await app.api.post('/workspaces', { token, body: { workspaceScope: 'general' } })).body.workspaceId);
    }

    const first = await app.api.get('/workspaces', { token, query: { limit: 2 } });
    const second = await app.api.get('/workspaces', { token, query: { limit: 2, cursor: first.body.nextCursor } });

    const listed = [first, second].map(({ body }) =>
      body.items.map((item: { workspaceId: string }) => item.workspaceId),
    );
    expect(listed).toEqual([ids.slice(0, 2), ids.slice(2)]);
    expect(second.body.nextCursor).toBeUndefined();
  });

  it.each(['rubbish', 'bnVsbA', 'WyIiLCIiXQ', 'eyJhIjoxfQ'])('refuses the made-up cursor %s', async (cursor) => {
    const answer = await app.api.get('/workspaces', { token: alice, query: { cursor } });

    expect(answer.status).toBe(400);
  });

  it('shows and deletes nothing of another person, another tenant or an unknown id, and answers all alike', async () => {
    const { body } = await app.api.post('/workspaces', { token: alice, body: { workspaceScope: 'general' } });

    for (const [token, id] of [
      [bob, body.workspaceId],
      [mallory, body.workspaceId],
      [alice, newId('ws')],
    ] as const) {
      const answers = [
        await app.api.get(`/workspaces/${id}`, { token }),
        await app.api.delete(`/workspaces/${id}`, { token }),
        await app.api.get(`/workspaces/${id}/sessions`, { token }),
      ];
      for (const answer of answers) {
        expect(answer.status).toBe(404);
        expect(answer.body).toMatchObject({ code: 'NOT_FOUND', details: { workspaceId: id } });
      }
    }
    expect((await app.api.get(`/workspaces/${body.workspaceId}`, { token: alice })).status).toBe(200);
  });

  it('asks for a valid token and a fitting role', async () => {
    const auditor = await app.token('dave', 'acme', ['auditor']);

    expect((await app.api.get('/workspaces')).status).toBe(401);
    expect((await app.api.get('/workspaces', { token: auditor })).status).toBe(403);
  });

  it('says that it is healthy and ready', async () => {
    expect((await app.api.get('/healthz')).status).toBe(200);
    expect((await app.api.get('/readyz')).status).toBe(200);
  });
});

it('is not ready while a store does not answer', async () => {
  const stores = await memoryStores();
  stores.content.ping = () => Promise.reject(new Error('no disk'));
  const app = await createFixture(stores);

  expect((await app.api.get('/readyz')).status).toBe(503);
});
