import { beforeAll, describe, expect, it } from '@jest/globals';
import { createTestIssuer, callService, createManualClock, silentLogger } from '@steward/service-kit/test-support';
import type { ServiceCaller, TestIssuer } from '@steward/service-kit/test-support';
import { createApp } from '../src/app.ts';
import { supportedVersions } from '../src/compatibility/supported-versions.ts';
import { readConfig } from '../src/config.ts';
import { createFeatureFlags } from '../src/feature-flags.ts';
import { MemorySessionRepository } from '../src/sessions/repository.memory.ts';
import { MemoryTaskRepository } from '../src/tasks/repository.memory.ts';

const environment = {
  STEWARD_ENV: 'test',
  PORT: '0',
  OIDC_ISSUER: 'http://127.0.0.1:1',
  OIDC_AUDIENCES: 'session',
  OIDC_CLIENT_ID: 'session',
  OIDC_CLIENT_SECRET: 'secret',
  WORKSPACE_SERVICE_URL: 'http://127.0.0.1:2/v1',
  POLICY_SERVICE_URL: 'http://127.0.0.1:3/v1',
  STEWARD_STORE: 'memory',
};

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await createTestIssuer();
});

function serviceWith(setting: Record<string, string>): ServiceCaller {
  const clock = createManualClock();
  return callService(
    createApp({
      sessions: new MemorySessionRepository(),
      tasks: new MemoryTaskRepository(),
      workspaces: {
        resolve: () => Promise.resolve({ workspaceId: `ws_${'8'.padStart(26, '0')}` }),
        release: () => Promise.resolve(),
      },
      bundles: {
        issue: () =>
          Promise.resolve({ policyBundle: 'jws', policyBundleVersion: 1, expiresAt: clock.now().toISOString() }),
      },
      supported: supportedVersions,
      featureFlags: createFeatureFlags(readConfig({ ...environment, ...setting })),
      clock,
      authenticate: issuer.authenticate,
      logger: silentLogger,
    }),
  );
}

/** What the sessions of two tenants are told: when they are created, and when they go on. */
async function told(setting: Record<string, string>): Promise<unknown> {
  const service = serviceWith(setting);
  const flags: unknown[] = [];
  for (const tenantId of ['acme', 'globex']) {
    const token = await issuer.tokenFor({ tenantId, sub: 'somebody', roles: ['user'] });
    const clientInfo = { desktopAppVersion: '0.1.0', localAgentHostVersion: '0.1.0', osFamily: 'Linux' };
    const body = { executionEnvironment: 'desktop', clientInfo, supportedCapabilities: ['File.Read'] };
    const created = await service.post('/sessions', { token, body });
    const { sessionId, featureFlags } = created.body as { sessionId: string; featureFlags: Record<string, boolean> };
    const resumed = await service.post(`/sessions/${sessionId}/resume`, { token, body: {} });
    const again = (resumed.body as { featureFlags: Record<string, boolean> }).featureFlags;
    flags.push([featureFlags['contextSummaries'], again['contextSummaries']]);
  }
  return flags;
}

describe('summaries of long conversations', () => {
  it.each([
    [
      'are off unless they are set',
      {},
      [
        [false, false],
        [false, false],
      ],
    ],
    [
      'are on for everybody',
      { CONTEXT_SUMMARIES: 'on' },
      [
        [true, true],
        [true, true],
      ],
    ],
    [
      'are on for the tenants that are named',
      { CONTEXT_SUMMARIES: 'initech, globex' },
      [
        [false, false],
        [true, true],
      ],
    ],
  ])('%s', async (_what, setting: Record<string, string>, expected) => {
    expect(await told(setting)).toEqual(expected);
  });

  it('are refused in a sentence where the setting can not be read', () => {
    for (const setting of ['yes please', 'acme,on', ','])
      expect(() => readConfig({ ...environment, CONTEXT_SUMMARIES: setting })).toThrow(
        'CONTEXT_SUMMARIES must be on, off, or ids of tenants separated by commas.',
      );
  });
});
