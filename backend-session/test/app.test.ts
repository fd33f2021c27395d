import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { StewardError, newId as randomId } from '@steward/sdk';
import {
  callService,
  createManualClock,
  createTestIds,
  createTestIssuer,
  silentLogger,
} from '@steward/service-kit/test-support';
import type { ManualClock, ServiceCaller, TestIssuer } from '@steward/service-kit/test-support';
import { createApp } from '../src/app.ts';
import { supportedVersions } from '../src/compatibility/supported-versions.ts';
import type { ActingFor } from '../src/sessions/backends.ts';
import { MemorySessionRepository } from '../src/sessions/repository.memory.ts';
import { MemoryTaskRepository } from '../src/tasks/repository.memory.ts';

const featureFlags = { approvalUiEnabled: true, mcpEnabled: false, contextSummaries: false };
const workspaceOf = (path: string | undefined) => `ws_${(path === undefined ? '7' : '8').padStart(26, '0')}`;
const handshake = (changes: Record<string, unknown> = {}) => ({
  executionEnvironment: 'desktop',
  workspaceHint: { localPaths: ['/home/alice/shop'] },
  clientInfo: { desktopAppVersion: '0.1.0', localAgentHostVersion: '0.1.0', osFamily: 'Linux' },
  supportedCapabilities: ['File.Read'],
  ...changes,
});

/** The repository in memory, whose store breaks before or after it wrote. */
class FailingRepository extends MemorySessionRepository {
  readonly #failure: () => 'before' | 'after' | undefined;

  constructor(failure: () => 'before' | 'after' | undefined) {
    super();
    this.#failure = failure;
  }

  override async create(...args: Parameters<MemorySessionRepository['create']>): Promise<void> {
    if (this.#failure() !== 'before') await super.create(...args);
    if (this.#failure() !== undefined) throw new Error('The store did not answer.');
  }
}

describe('Session Service', () => {
  let issuer: TestIssuer;
  let alice: string;
  let bob: string;
  let mallory: string;
  let clock: ManualClock;
  let service: ServiceCaller;
  let resolved: { actingFor: ActingFor; path: string | undefined }[];
  let policyIsDown: boolean;
  let released: string[];
  let storeFailure: 'before' | 'after' | undefined;

  beforeAll(async () => {
    issuer = await createTestIssuer();
    alice = await issuer.tokenFor();
    bob = await issuer.tokenFor({ sub: 'bob' });
    mallory = await issuer.tokenFor({ tenantId: 'globex', sub: 'mallory', roles: ['user', 'admin'] });
  });

  beforeEach(() => {
    clock = createManualClock();
    resolved = [];
    policyIsDown = false;
    released = [];
    storeFailure = undefined;
    const newId = createTestIds();
    service = callService(
      createApp({
        sessions: new FailingRepository(() => storeFailure),
        tasks: new MemoryTaskRepository(),
        workspaces: {
          resolve: async (actingFor, path) => {
            resolved.push({ actingFor: { tenantId: actingFor.tenantId, userId: actingFor.userId }, path });
            return { workspaceId: workspaceOf(path) };
          },
          release: async (_actingFor, workspaceId) => {
            released.push(workspaceId);
          },
        },
        bundles: {
          issue: async (subject, sessionId) => {
            if (policyIsDown)
              throw new StewardError('INTERNAL_ERROR', 'The Policy Service does not answer.', { retryable: true });
            return {
              policyBundle: `jws.${subject.userId}.${sessionId}`,
              policyBundleVersion: 4,
              expiresAt: clock.now().toISOString(),
            };
          },
        },
        supported: supportedVersions,
        featureFlags,
        clock,
        newId: (prefix) => (prefix === 'sess' ? newId(prefix) : randomId(prefix)),
        authenticate: issuer.authenticate,
        logger: silentLogger,
      }),
    );
  });

  const create = (token: string, body: unknown = handshake()) => service.post('/sessions', { token, body });

  it('answers the handshake with session, workspace, bundle and flags', async () => {
    const response = await create(alice);

    expect(response.status).toBe(201);
    const sessionId = `sess_${'1'.padStart(26, '0')}`;
    expect(response.body).toEqual({
      sessionId,
      workspaceId: workspaceOf('/home/alice/shop'),
      compatibilityStatus: 'compatible',
      incompatibilities: [],
      policyBundle: `jws.alice.${sessionId}`,
      featureFlags,
    });
    expect(resolved).toEqual([{ actingFor: { tenantId: 'acme', userId: 'alice' }, path: '/home/alice/shop' }]);
  });

  it('stores of the client only what the contract knows, whatever else it says about itself', async () => {
    const { clientInfo } = handshake();
    const unbounded = { i: [], far: -6.156595420108397e16, tiny: 1.1125369292536007e-308, deep: { '': null } };

    const created = await create(alice, handshake({ clientInfo: { ...clientInfo, osVersion: '12', ...unbounded } }));

    const { sessionId } = created.body as { sessionId: string };
    const stored = (await service.get(`/sessions/${sessionId}`, { token: alice })).body as { clientInfo: unknown };
    expect(created.status).toBe(201);
    expect(stored.clientInfo).toEqual({ ...clientInfo, osVersion: '12' });
  });

  it('refuses an incompatible client, names the version to install and stores nothing', async () => {
    const body = handshake({
      clientInfo: { desktopAppVersion: '0.0.9', localAgentHostVersion: '0.1.0', osFamily: 'Linux' },
    });

    const response = await create(alice, body);

    expect(response.status).toBe(409);
    expect(response.body.details).toEqual({
      compatibilityStatus: 'incompatible',
      incompatibilities: [{ component: 'desktopAppVersion', version: '0.0.9', supported: '>=0.1.0', install: '0.1.0' }],
      reasonCodes: ['INCOMPATIBLE_VERSION'],
    });
    expect((await service.get('/sessions', { token: alice })).body).toEqual({ items: [] });
  });

  it('stores no session when the bundle cannot be had, and says that trying again may help', async () => {
    policyIsDown = true;

    const response = await create(alice);

    expect(response.status).toBe(500);
    expect(response.body.retryable).toBe(true);
    expect((await service.get('/sessions', { token: alice })).body).toEqual({ items: [] });
  });

  it('takes back the workspace of a general chat when no session comes to be, never that of a project folder', async () => {
    const general = handshake({ workspaceHint: {} });
    policyIsDown = true;
    const withoutBundle = [await create(alice, general), await create(alice)];
    policyIsDown = false;
    storeFailure = 'before';

    const unstored = [await create(alice, general), await create(alice)];

    expect([...withoutBundle, ...unstored].map(({ status }) => status)).toEqual([500, 500, 500, 500]);
    expect(released).toEqual([workspaceOf(undefined), workspaceOf(undefined)]);
  });

  it('keeps the workspace of a session that was stored although the answer of the store was lost', async () => {
    storeFailure = 'after';

    const response = await create(alice, handshake({ workspaceHint: {} }));

    expect(response.status).toBe(500);
    expect(released).toEqual([]);
    const { items } = (await service.get('/sessions', { token: alice })).body;
    expect(items).toEqual([expect.objectContaining({ workspaceId: workspaceOf(undefined) })]);
  });

  it('refuses to create a session in the name of somebody else', async () => {
    expect((await create(alice, handshake({ userId: 'bob' }))).status).toBe(403);
    expect((await create(alice, handshake({ tenantId: 'globex' }))).status).toBe(403);
  });

  it('continues a past session in its workspace, but not one of somebody else', async () => {
    const past = (await create(alice)).body.sessionId as string;

    const continued = await create(alice, handshake({ workspaceHint: {}, continueFromSessionId: past }));
    const foreign = await create(bob, handshake({ continueFromSessionId: past }));

    expect(continued.body.workspaceId).toBe(workspaceOf('/home/alice/shop'));
    expect(foreign.status).toBe(404);
    expect(foreign.body.code).toBe('SESSION_NOT_FOUND');
  });

  it('answers the same handshake with the same key once', async () => {
    const options = { token: alice, body: handshake(), headers: { 'Idempotency-Key': 'k1' } };

    const first = await service.post('/sessions', options);
    const again = await service.post('/sessions', options);
    const other = await service.post('/sessions', { ...options, body: handshake({ workspaceHint: {} }) });

    expect(again.body).toEqual(first.body);
    expect(other.status).toBe(409);
    expect((await service.get('/sessions', { token: alice })).body.items).toHaveLength(1);
  });

  it('answers other people and tenants on every route as if the session did not exist', async () => {
    const { sessionId } = (await create(alice)).body as { sessionId: string };
    const taskId = `task_${'1'.padStart(26, '0')}`;
    await service.post(`/sessions/${sessionId}/tasks`, { token: alice, body: { taskId, status: 'TASK_RUNNING' } });

    for (const token of [bob, mallory]) {
      const statuses = [
        await service.get(`/sessions/${sessionId}`, { token }),
        await service.patch(`/sessions/${sessionId}`, { token, body: { title: 'mine now' } }),
        await service.post(`/sessions/${sessionId}/resume`, { token, body: {} }),
        await service.post(`/sessions/${sessionId}/cancel`, { token }),
        await service.post(`/sessions/${sessionId}/complete`, { token }),
        await service.get(`/sessions/${sessionId}/tasks`, { token }),
        await service.post(`/sessions/${sessionId}/tasks`, { token, body: { taskId, status: 'TASK_FAILED' } }),
        await service.get(`/tasks/${taskId}`, { token }),
      ].map((response) => response.status);
      expect(statuses).toEqual([404, 404, 404, 404, 404, 404, 404, 404]);
      expect((await service.get('/sessions', { token })).body).toEqual({ items: [] });
    }
    expect((await service.get(`/sessions/${sessionId}`, { token: alice })).body.status).toBe('SESSION_CREATED');
  });

  it('refuses calls without a token, with an expired one, and from roles without access', async () => {
    const expired = await issuer.tokenFor({ expiresInSeconds: -60 });
    const auditor = await issuer.tokenFor({ sub: 'dave', roles: ['auditor'] });

    expect((await service.get('/sessions')).status).toBe(401);
    expect((await service.get('/sessions', { token: expired })).status).toBe(401);
    expect((await service.get('/sessions', { token: auditor })).status).toBe(403);
  });

  it('lets a service read a session only of the tenant and person it acts for', async () => {
    const { sessionId } = (await create(alice)).body as { sessionId: string };
    const token = await issuer.tokenFor({ sub: 'policy-service', roles: ['service'] });
    const acting = (tenant: string, user: string) => ({
      token,
      headers: { 'x-acting-tenant': tenant, 'x-acting-user': user },
    });

    expect((await service.get(`/sessions/${sessionId}`, acting('acme', 'alice'))).status).toBe(200);
    expect((await service.get(`/sessions/${sessionId}`, acting('acme', 'bob'))).status).toBe(404);
    expect((await service.get(`/sessions/${sessionId}`, acting('globex', 'alice'))).status).toBe(404);
  });

  it('resumes a running session with a fresh bundle and refuses one that has ended or expired', async () => {
    const { sessionId } = (await create(alice)).body as { sessionId: string };

    const resumed = await service.post(`/sessions/${sessionId}/resume`, {
      token: alice,
      body: { checkpointCursor: '17' },
    });
    clock.advance(31 * 24 * 3600 * 1000);
    const late = await service.post(`/sessions/${sessionId}/resume`, { token: alice, body: {} });
    await service.post(`/sessions/${sessionId}/complete`, { token: alice });
    const ended = await service.post(`/sessions/${sessionId}/resume`, { token: alice, body: {} });

    expect(resumed.status).toBe(200);
    expect(resumed.body.policyBundle).toBe(`jws.alice.${sessionId}`);
    expect([late.status, late.body.code]).toEqual([410, 'SESSION_EXPIRED']);
    expect([ended.status, ended.body.code]).toEqual([410, 'SESSION_EXPIRED']);
  });

  it('lets one runtime at a time work on a session, and another once that one gave up or fell silent', async () => {
    const desk = { instanceId: 'one', machineName: 'desk' };
    const laptop = { instanceId: 'two', machineName: 'laptop' };
    const { sessionId } = (await create(alice, handshake({ holder: desk }))).body as { sessionId: string };
    const resume = (holder: unknown) =>
      service.post(`/sessions/${sessionId}/resume`, { token: alice, body: { holder } });
    const update = (holder: unknown) => service.patch(`/sessions/${sessionId}`, { token: alice, body: { holder } });

    const refused = await resume(laptop);
    clock.advance(60_000);
    const renewed = await update(desk);
    clock.advance(60_000);
    const stillRefused = await update(laptop);
    clock.advance(30_000);
    const takenOver = await resume(laptop);
    const lost = await update(desk);
    await update({ ...laptop, released: true });
    const back = await resume(desk);

    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'LEASE_LOST', details: { machineName: 'desk', since: expect.any(String) } },
    });
    expect(renewed.status).toBe(200);
    expect([stillRefused.status, takenOver.status, lost.status, back.status]).toEqual([409, 200, 409, 200]);
  });

  it('never changes a session that has ended, and takes the same end twice', async () => {
    const { sessionId } = (await create(alice)).body as { sessionId: string };
    await service.post(`/sessions/${sessionId}/complete`, { token: alice });

    const again = await service.post(`/sessions/${sessionId}/complete`, { token: alice });
    const other = await service.patch(`/sessions/${sessionId}`, { token: alice, body: { status: 'SESSION_RUNNING' } });

    expect(again.status).toBe(200);
    expect([other.status, other.body.code]).toEqual([409, 'CONFLICT']);
  });

  it('records a task once, moves it forward and never back from its end', async () => {
    const { sessionId } = (await create(alice)).body as { sessionId: string };
    const taskId = `task_${'1'.padStart(26, '0')}`;
    const record = (body: object) =>
      service.post(`/sessions/${sessionId}/tasks`, { token: alice, body: { taskId, ...body } });

    const statuses = [
      await record({ status: 'TASK_RUNNING', stepCount: 2 }),
      await record({ status: 'TASK_COMPLETED', stepCount: 1 }),
      await record({ status: 'TASK_COMPLETED' }),
      await record({ status: 'TASK_RUNNING' }),
    ].map((response) => response.status);

    expect(statuses).toEqual([201, 200, 200, 409]);
    expect((await service.get(`/tasks/${taskId}`, { token: alice })).body).toMatchObject({
      status: 'TASK_COMPLETED',
      stepCount: 2,
    });
  });

  it('answers bad input with the field that is wrong', async () => {
    const response = await create(alice, { ...handshake(), executionEnvironment: 'moon' });

    expect(response.status).toBe(400);
    expect(response.body).toMatchObject({
      code: 'INVALID_REQUEST',
      details: { field: expect.stringContaining('executionEnvironment') },
    });
  });
});
