import { beforeAll, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet } from 'jose';
import type { Grant, GrantNarrowing, PolicyBundle } from '@steward/contracts';
import { grantOfSession, narrowGrant, sealGrant } from '@steward/policy-engine';
import { StewardError } from '@steward/sdk';
import { createSigningKeys } from '@steward/service-kit';
import { testScope } from '@steward/service-kit/test-support';
import type { Caller, SigningKeys } from '@steward/service-kit';
import { createGrantCheck } from '../../src/grants/grants.ts';
import type { GrantCheck } from '../../src/grants/grants.ts';
import { aliceBundle } from '../support/alice-bundle.ts';

const now = new Date('2026-02-21T15:04:22.000Z');
const alice: Caller = {
  scope: testScope('acme'),
  tenantId: 'acme',
  userId: 'alice',
  roles: ['user'],
  principal: { type: 'user', id: 'alice' },
  isService: false,
};
const bundle: PolicyBundle = {
  ...aliceBundle,
  capabilities: [{ name: 'BackendTool.Invoke', allowedToolNames: ['backend/text.diff'], requiresApproval: false }],
};

let keys: SigningKeys;
let check: GrantCheck;
beforeAll(async () => {
  keys = await createSigningKeys();
  check = createGrantCheck(createLocalJWKSet({ keys: [...keys.jwks.keys] }), async () => undefined);
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

describe('a grant whose bundle was taken back', () => {
  it('is refused whatever its chain leaves, and its key is told', async () => {
    const revoked = new StewardError('POLICY_EXPIRED', 'It was revoked.');
    const kids: (string | undefined)[] = [];
    const checkRevoked = createGrantCheck(createLocalJWKSet({ keys: [...keys.jwks.keys] }), async (_, kid) => {
      kids.push(kid);
      throw revoked;
    });

    await expect(checkRevoked(alice, call(await sign()), now)).rejects.toBe(revoked);
    expect(kids).toEqual([keys.jwks.keys[0]!.kid]);
  });
});

describe('a grant with a chain', () => {
  const at = '2026-02-21T15:01:00.000Z';
  const sealed = async (...narrowings: GrantNarrowing[]) => {
    const jws = await sign();
    const grant = narrowings.reduce<Grant>(
      (parent, narrowing) => narrowGrant(parent, { by: 'runtime', at, narrowing }),
      grantOfSession(jws, bundle.sessionId),
    );
    return { jws, chain: sealGrant(grant, jws) };
  };

  it('lets run what every link leaves', async () => {
    const { jws, chain } = await sealed({}, { toolNames: ['backend/text.diff'] });

    await expect(check(alice, call(`${jws}~${chain}`), now)).resolves.toBeUndefined();
  });

  it.each<[string, GrantNarrowing]>([
    ['another tool', { toolNames: ['backend/time.now'] }],
    ['no remote tools', { capabilities: ['File.Read'] }],
    ['no network', { allowNetwork: false }],
    ['a time that is over', { expiresAt: '2026-02-21T15:04:00.000Z' }],
  ])('refuses what a link takes away: %s', async (_, narrowing) => {
    const { jws, chain } = await sealed({}, narrowing);

    await expect(check(alice, call(`${jws}~${chain}`), now)).rejects.toMatchObject({ code: 'CAPABILITY_DENIED' });
  });

  it('refuses a chain of another bundle, one that was cut, and one that a stranger made', async () => {
    const { jws, chain } = await sealed({ allowNetwork: false });
    const other = await sign({ policyBundleVersion: 2 });
    const [, code = ''] = chain.split('.');
    const cut = Buffer.from(JSON.stringify(grantOfSession(jws, bundle.sessionId))).toString('base64url');

    for (const grant of [`${other}~${chain}`, `${jws}~${cut}.${code}`, `${jws}~`, `${jws}~x.y`])
      await expect(check(alice, call(grant), now)).rejects.toMatchObject({ code: 'POLICY_BUNDLE_INVALID' });
  });
});
