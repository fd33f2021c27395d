import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { PolicyBundle, PolicyContent } from '@steward/contracts';
import { starterPolicies } from '@steward/policy-engine';
import { StewardError } from '@steward/sdk';
import { callService, createManualClock, createTestIssuer, silentLogger } from '@steward/service-kit/test-support';
import type { ManualClock, ServiceCaller, TestIssuer } from '@steward/service-kit/test-support';
import { compactVerify, createLocalJWKSet } from 'jose';
import { createApp } from '../src/app.ts';
import { KeyRing } from '../src/keys/key-ring.ts';
import { MemoryPolicyRepository } from '../src/policies/repository.memory.ts';
import { replayInline } from '../src/simulations/replay-recorded.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const careful = starterPolicies['Careful developer']!;
const locked = starterPolicies['Locked down']!;
const sessionId = `sess_${'1'.padStart(26, '0')}`;

describe('Policy Service', () => {
  const folder = temporaryFolder();
  let issuer: TestIssuer;
  let keys: KeyRing;
  let carol: string;
  let alice: string;
  let mallory: string;
  let sessionService: string;
  let clock: ManualClock;
  let service: ServiceCaller;

  beforeAll(async () => {
    issuer = await createTestIssuer();
    keys = await KeyRing.open(join(folder, 'keys.json'), createManualClock());
    carol = await issuer.tokenFor({ sub: 'carol', roles: ['admin'] });
    alice = await issuer.tokenFor();
    mallory = await issuer.tokenFor({ tenantId: 'globex', sub: 'mallory', roles: ['user', 'admin'] });
    sessionService = await issuer.tokenFor({ sub: 'session-service', roles: ['service'] });
  });

  beforeEach(() => {
    clock = createManualClock();
    service = callService(
      createApp({
        policies: new MemoryPolicyRepository(),
        initialPolicy: careful,
        keys,
        sessions: {
          find: async (caller, id) => {
            if (caller.tenantId !== 'acme' || id !== sessionId)
              throw new StewardError('SESSION_NOT_FOUND', `There is no session ${id}.`);
            return { userId: 'alice' };
          },
        },
        bundleLifetimeSeconds: 3600,
        replayRecorded: replayInline({ read: async function* () {} }),
        after: () => () => undefined,
        clock,
        authenticate: issuer.authenticate,
        logger: silentLogger,
      }),
    );
  });

  const bundle = async (tenantId = 'acme'): Promise<PolicyBundle> => {
    const { body } = await service.get('/policy-bundles', {
      token: sessionService,
      headers: { 'x-acting-tenant': tenantId },
      query: { tenantId, userId: 'alice', sessionId },
    });
    const jwks = (await service.get('/.well-known/jwks.json')).body;
    const { payload } = await compactVerify(body.policyBundle, createLocalJWKSet(jwks));
    return JSON.parse(new TextDecoder().decode(payload)) as PolicyBundle;
  };
  const draft = async (content: PolicyContent, token = carol) =>
    (await service.post('/policies', { token, body: { content } })).body.version as number;
  const publish = (version: number, extra: object = {}, token = carol) =>
    service.post(`/policies/${version}/publish`, { token, body: { reason: 'Because.', ...extra } });

  it('issues a signed bundle of the initial policy that its public keys verify', async () => {
    const { name, description: _description, ...statement } = careful;

    expect(await bundle()).toEqual({
      ...statement,
      policyName: name,
      policyBundleVersion: 1,
      schemaVersion: 1,
      tenantId: 'acme',
      userId: 'alice',
      sessionId,
      issuedAt: '2026-02-21T15:04:22.000Z',
      expiresAt: '2026-02-21T16:04:22.000Z',
      killSwitch: false,
      revocationSeq: 0,
    });
  });

  it('gives bundles to services only', async () => {
    const query = { tenantId: 'acme', userId: 'alice', sessionId };

    expect((await service.get('/policy-bundles', { token: alice, query })).status).toBe(403);
    expect((await service.get('/policy-bundles', { token: carol, query })).status).toBe(403);
    expect((await service.get('/policy-bundles', { query })).status).toBe(401);
    const headers = { 'x-acting-tenant': 'globex' };
    expect((await service.get('/policy-bundles', { token: sessionService, query, headers })).status).toBe(403);
  });

  it('puts a draft in force when it is published, and lets versions of bundles only grow', async () => {
    const version = await draft(locked);
    expect((await bundle()).policyName).toBe('Careful developer');

    const published = await publish(version, { expectedActiveVersion: 1 });
    const after = await bundle();
    const rolledBack = await service.post('/policies/1/rollback', { token: carol, body: { reason: 'Too tight.' } });
    const last = await bundle();

    expect(published.body).toMatchObject({ version, status: 'active', publishedBy: 'carol', reason: 'Because.' });
    expect([after.policyName, after.policyBundleVersion]).toEqual(['Locked down', 2]);
    expect(rolledBack.status).toBe(201);
    expect([last.policyName, last.policyBundleVersion]).toEqual(['Careful developer', 3]);
    const list = (await service.get('/policies', { token: carol })).body.items as { version: number; status: string }[];
    expect(list.map((item) => [item.version, item.status])).toEqual([
      [3, 'active'],
      [2, 'superseded'],
      [1, 'superseded'],
    ]);
  });

  it('tells the second of two admins that another version became active', async () => {
    const one = await draft(locked);
    const two = await draft(starterPolicies['Read only']!);
    await publish(one, { expectedActiveVersion: 1 });

    const second = await publish(two, { expectedActiveVersion: 1 });

    expect([second.status, second.body.code]).toEqual([409, 'CONFLICT']);
    expect((await bundle()).policyName).toBe('Locked down');
  });

  it('refuses a policy whose own examples fail and names the place', async () => {
    const rule = {
      ruleId: 'no-curl',
      title: 'No curl',
      capability: 'Shell.Exec' as const,
      match: { commands: ['curl'] },
      decision: 'deny' as const,
      examples: { match: [{ toolName: 'RunCommand', arguments: { command: 'wget x' } }] },
    };

    const response = await service.post('/policies', {
      token: carol,
      body: { content: { ...careful, approvalRules: [...careful.approvalRules, rule] } },
    });

    expect([response.status, response.body.code]).toEqual([422, 'POLICY_BUNDLE_INVALID']);
    expect(response.body.details.problems[0].path).toContain('/approvalRules/');
  });

  it('lets nobody but an admin change anything, and keeps tenants apart', async () => {
    const version = await draft(locked);

    expect((await service.post('/policies', { token: alice, body: { content: locked } })).status).toBe(403);
    expect((await publish(version, {}, alice)).status).toBe(403);
    expect((await service.put('/kill-switch', { token: alice, body: { active: true, reason: 'x' } })).status).toBe(403);
    expect((await publish(version, {}, mallory)).status).toBe(404);
    expect((await bundle('globex')).policyName).toBe('Careful developer');
  });

  it('carries the kill switch in the next bundle of its tenant, and no other', async () => {
    const response = await service.put('/kill-switch', {
      token: carol,
      body: { active: true, reason: 'An incident.' },
    });

    expect(response.body).toEqual({
      active: true,
      reason: 'An incident.',
      updatedBy: 'carol',
      updatedAt: '2026-02-21T15:04:22.000Z',
    });
    expect(await bundle()).toMatchObject({ killSwitch: true, policyBundleVersion: 2 });
    expect(await bundle('globex')).toMatchObject({ killSwitch: false, policyBundleVersion: 1 });
  });

  describe('evaluate', () => {
    const action = (command: string) => ({ toolName: 'RunCommand', arguments: { command } });
    const facts = { platform: 'linux', cwd: '/home/alice/shop', homeDir: '/home/alice' };
    const ask = async (body: object, token = alice) => service.post('/policy/evaluate', { token, body });

    it('decides by the active policy, by a session, by a given bundle and by bare policy content', async () => {
      const active = await ask({ action: action('git status'), facts });
      const bySession = await ask({ sessionId, action: action('git status'), facts });
      const byBundle = await ask({ bundle: await bundle(), action: action('git status'), facts });
      const byContent = await ask({ bundle: locked, action: action('git status'), facts });

      expect(active.body.decision).toBe('allow');
      expect(bySession.body).toEqual(active.body);
      expect(byBundle.body).toEqual(active.body);
      expect(byContent.body.decision).toBe('deny');
    });

    it('takes the working folder for the project folder when only that is told', async () => {
      const write = (path: string) =>
        ask({ action: { toolName: 'WriteFile', arguments: { path, content: '' } }, facts });

      expect((await write('/home/alice/shop/a.txt')).body.decision).toBe('allow');
      expect((await write('/home/alice/.ssh/config')).body.decision).toBe('deny');
    });

    it('refuses a bundle that is no policy, and a session of another tenant', async () => {
      expect(
        (await ask({ bundle: { ...careful, capabilities: [{ name: 'File.Read' }] }, action: action('ls') })).status,
      ).toBe(400);
      expect((await ask({ sessionId, action: action('ls') }, mallory)).status).toBe(404);
    });

    it('denies by an expired bundle and says so', async () => {
      const old = await bundle();
      clock.advance(2 * 3600 * 1000);

      const { body } = await ask({ bundle: old, action: action('git status'), facts });

      expect(body).toMatchObject({ decision: 'deny', reasonCodes: expect.arrayContaining(['POLICY_EXPIRED']) });
    });
  });
});
