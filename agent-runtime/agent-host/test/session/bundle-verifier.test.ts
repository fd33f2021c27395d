import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { starterPolicies } from '@steward/policy-engine';
import { CompactSign, exportJWK, generateKeyPair } from 'jose';
import { BundleVerifier, keyIdOf } from '../../src/session/bundle-verifier.ts';
import { ManualTime } from '../support/manual-time.ts';

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;

const sessionId = 'sess_01ARZ3NDEKTSV4RRFFQ69G5FAV';
const time = new ManualTime();
let home: string;
let keys: Record<string, Keys>;
let published: string[];
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'steward-verifier-'));
  keys = { old: await generateKeyPair('EdDSA'), next: await generateKeyPair('EdDSA') };
  published = ['old', 'next'];
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const verifier = (): BundleVerifier =>
  new BundleVerifier({
    home,
    clock: time,
    fetchJwks: async () => ({
      keys: await Promise.all(
        published.map(async (kid) => ({ ...(await exportJWK(keys[kid]!.publicKey)), kid, alg: 'EdDSA' })),
      ),
    }),
  });

async function bundle(kid: string, policyBundleVersion = 1): Promise<string> {
  const { name, description: _description, ...content } = starterPolicies['Read only']!;
  const now = time.now().getTime();
  const payload = {
    ...content,
    policyName: name,
    policyBundleVersion,
    schemaVersion: 1,
    tenantId: 'acme',
    userId: 'alice',
    sessionId,
    issuedAt: new Date(now).toISOString(),
    expiresAt: new Date(now + 3_600_000).toISOString(),
    killSwitch: false,
  };
  return new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader({ alg: 'EdDSA', kid })
    .sign(keys[kid]!.privateKey);
}

describe('a signed bundle', () => {
  it('of the next key is accepted while the key before is still published: a rotation stops nobody', async () => {
    const before = await verifier().verify(await bundle('old'), { sessionId });
    published = ['next', 'old'];
    const after = await verifier().verify(await bundle('next', 2), { sessionId });

    expect([before.policyBundleVersion, after.policyBundleVersion]).toEqual([1, 2]);
  });

  it('of a revoked key is refused, also in a later process that has the key in its cache', async () => {
    const kept = await bundle('old');
    await verifier().verify(kept, { sessionId });

    verifier().revokeKey('old');

    await expect(verifier().verify(kept, { sessionId })).rejects.toMatchObject({
      code: 'POLICY_BUNDLE_INVALID',
      message: expect.stringContaining('its key was revoked'),
    });
    await expect(verifier().verify(await bundle('next', 2), { sessionId })).resolves.toMatchObject({
      schemaVersion: 1,
    });
  });

  it('of a revoked version is refused in every later process, and a newer one is not', async () => {
    const kept = await bundle('old', 4);
    await verifier().verify(kept, { sessionId });

    verifier().revokeUpTo('acme', 4);

    await expect(verifier().verify(kept, { sessionId, allowExpired: true })).rejects.toMatchObject({
      code: 'POLICY_BUNDLE_INVALID',
    });
    await expect(verifier().verify(await bundle('old', 5), { sessionId })).resolves.toMatchObject({
      policyBundleVersion: 5,
    });
  });

  it('of a version that another runtime of this home has seen is refused when it is older, whoever learnt last', async () => {
    const [newer, older] = [await bundle('old', 5), await bundle('old', 4)];
    const [first, second] = [verifier(), verifier()];
    await first.verify(newer, { sessionId });
    // Another process learns an older fact at the same time, and writes it after.
    second.revokeUpTo('acme', 2);

    await expect(second.verify(older, { sessionId })).rejects.toMatchObject({ code: 'POLICY_BUNDLE_INVALID' });
    await expect(first.verify(newer, { sessionId })).resolves.toMatchObject({ policyBundleVersion: 5 });
  });

  it('names its key before it is verified, and nothing else does', async () => {
    expect([keyIdOf(await bundle('old')), keyIdOf('{}'), keyIdOf('')]).toEqual(['old', undefined, undefined]);
  });
});
