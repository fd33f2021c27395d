import { beforeAll, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet } from 'jose';
import type { PolicyBundle } from '@steward/contracts';
import { createSigningKeys } from '@steward/service-kit';
import type { Caller, SigningKeys } from '@steward/service-kit';
import { createGrantCheck } from '../../src/grants/grants.ts';
import type { GrantCheck } from '../../src/grants/grants.ts';

const now = new Date('2026-02-21T15:04:22.000Z');
const alice: Caller = {
  tenantId: 'acme',
  userId: 'alice',
  roles: ['user'],
  principal: { type: 'user', id: 'alice' },
  isService: false,
};
const bundle: PolicyBundle = {
  policyBundleVersion: 1,
  schemaVersion: 1,
  tenantId: 'acme',
  userId: 'alice',
  sessionId: 'sess_01JMZ5Z4Z5Z4Z5Z4Z5Z4Z5Z4Z5',
  issuedAt: '2026-02-21T15:00:00.000Z',
  expiresAt: '2026-02-21T16:00:00.000Z',
  zone: 'supervised',
  capabilities: [{ name: 'BackendTool.Invoke', allowedToolNames: ['backend/text.diff'], requiresApproval: false }],
  llmPolicy: { allowedModels: [], maxInputTokens: 1, maxOutputTokens: 1, maxSessionTokens: 1 },
  approvalRules: [],
  redactionRules: [],
  mcpServers: [],
  killSwitch: false,
  offlineGraceSeconds: 0,
};

let keys: SigningKeys;
let check: GrantCheck;
beforeAll(async () => {
  keys = await createSigningKeys();
  check = createGrantCheck(createLocalJWKSet({ keys: [...keys.jwks.keys] }));
});

const sign = (changes: Partial<PolicyBundle> = {}, typ = 'steward-policy+jws') =>
  keys.sign({ ...bundle, ...changes }, typ);
const call = (grant: string | undefined, toolName = 'text.diff') => ({
  toolName,
  arguments: { before: 'a', after: 'b' },
  grant,
});

describe('createGrantCheck', () => {
  it('lets a listed tool run, and services without a grant', async () => {
    await expect(check(alice, call(await sign()), now)).resolves.toBeUndefined();
    await expect(check({ ...alice, isService: true }, call(undefined), now)).resolves.toBeUndefined();
  });

  it.each<[string, string, () => Promise<string | undefined>]>([
    ['no grant', 'CAPABILITY_DENIED', async () => undefined],
    [
      'a tool that is not listed',
      'CAPABILITY_DENIED',
      () =>
        sign({
          capabilities: [
            { name: 'BackendTool.Invoke', allowedToolNames: ['backend/time.now'], requiresApproval: false },
          ],
        }),
    ],
    ['a bundle without the capability', 'CAPABILITY_DENIED', () => sign({ capabilities: [] })],
    ['another person’s bundle', 'CAPABILITY_DENIED', () => sign({ userId: 'bob' })],
    ['another tenant’s bundle', 'CAPABILITY_DENIED', () => sign({ tenantId: 'globex' })],
    ['an expired bundle', 'POLICY_EXPIRED', () => sign({ expiresAt: '2026-02-21T15:04:21.000Z' })],
    ['the kill switch', 'KILL_SWITCH_ACTIVE', () => sign({ killSwitch: true })],
    ['another kind of signature', 'POLICY_BUNDLE_INVALID', () => sign({}, 'steward-receipt+jwt')],
    [
      'a foreign signature',
      'POLICY_BUNDLE_INVALID',
      async () => (await createSigningKeys()).sign(bundle, 'steward-policy+jws'),
    ],
    [
      'a changed payload',
      'POLICY_BUNDLE_INVALID',
      async () =>
        (await sign()).replace(/\.[^.]+\./, `.${Buffer.from(JSON.stringify(bundle)).toString('base64url')}x.`),
    ],
    ['something else', 'POLICY_BUNDLE_INVALID', async () => 'garbage'],
  ])('refuses %s', async (_what, code, grant) => {
    await expect(check(alice, call(await grant()), now)).rejects.toMatchObject({ code });
  });
});
