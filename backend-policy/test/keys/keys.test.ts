import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { createManualClock } from '@steward/service-kit/test-support';
import type { ManualClock } from '@steward/service-kit/test-support';
import { compactVerify, createLocalJWKSet } from 'jose';
import { manageKeys } from '../../src/keys/manage-keys.ts';
import { KeyRing } from '../../src/keys/key-ring.ts';
import { PolicyWorld } from '../support/policy-world.ts';
import { usePolicyStores } from '../support/policy-stores.ts';

const stores = usePolicyStores();
let count = 0;
let file: string;
let clock: ManualClock;
beforeEach(() => {
  file = join(stores.folder, `keys-${(count += 1)}.json`);
  clock = createManualClock();
});

const manage = async (...args: string[]): Promise<{ code: number; printed: string[]; complaints: string[] }> => {
  const printed: string[] = [];
  const complaints: string[] = [];
  const code = await manageKeys(args, {
    file,
    clock,
    print: (line) => void printed.push(line),
    complain: (line) => void complaints.push(line),
  });
  return { code, printed, complaints };
};
const verifies = async (jws: string, ring: KeyRing): Promise<boolean> =>
  compactVerify(jws, createLocalJWKSet(ring.jwks as never)).then(
    () => true,
    () => false,
  );

describe('the signing keys', () => {
  it('publish the next key before it signs, so that a rotation surprises nobody', async () => {
    const ring = await KeyRing.open(file, clock);
    const next = ring.list().find(({ state }) => state === 'next')!.kid;
    const publishedBefore = ring.jwks.keys.map(({ kid }) => kid);

    await manage('rotate', '--reason', 'Yearly.');
    const jws = await ring.sign({ a: 1 }, 'test');

    expect(publishedBefore).toContain(next);
    expect(ring.kid).toBe(next);
    expect(await verifies(jws, ring)).toBe(true);
  });

  it('verify what the key before signed, until it is revoked', async () => {
    const ring = await KeyRing.open(file, clock);
    const { kid } = ring;
    const old = await ring.sign({ a: 1 }, 'test');
    await manage('rotate', '--reason', 'Yearly.');
    await ring.refresh();
    const afterRotation = await verifies(old, ring);

    await manage('revoke', '--kid', kid, '--reason', 'It leaked.');
    await ring.refresh();

    expect(afterRotation).toBe(true);
    expect(await verifies(old, ring)).toBe(false);
    expect(ring.list().find((key) => key.kid === kid)).toMatchObject({ state: 'revoked', reason: 'It leaked.' });
  });

  it('never sign with a key that was revoked a moment ago, and lose its private part', async () => {
    const ring = await KeyRing.open(file, clock);
    const { kid } = ring;

    await manage('revoke', '--kid', kid, '--reason', 'It leaked.');
    const jws = await ring.sign({ a: 1 }, 'test');

    expect(ring.kid).not.toBe(kid);
    expect(await verifies(jws, ring)).toBe(true);
    const kept = JSON.parse(readFileSync(file, 'utf8')) as { keys: { kid: string; d?: string }[] };
    expect(kept.keys.find((key) => key.kid === kid)).not.toHaveProperty('d');
  });

  it('are revoked by an id that begins with a dash like any other', async () => {
    await KeyRing.open(file, clock);
    const kept = JSON.parse(readFileSync(file, 'utf8')) as { keys: { kid: string; state: string }[] };
    const dashed = kept.keys.map((key) => (key.state === 'current' ? { ...key, kid: `-${key.kid.slice(1)}` } : key));
    writeFileSync(file, JSON.stringify({ keys: dashed }));
    const { kid } = dashed.find(({ state }) => state === 'current')!;

    const { code, complaints } = await manage('revoke', '--kid', kid, '--reason', '--it leaked');

    const ring = await KeyRing.open(file, clock);
    expect({ code, complaints }).toEqual({ code: 0, complaints: [] });
    expect(ring.list().find((key) => key.kid === kid)).toMatchObject({ state: 'revoked', reason: '--it leaked' });
  });

  it('show no private part to anybody, and are readable by their owner only', async () => {
    const ring = await KeyRing.open(file, clock);

    expect(JSON.stringify([ring.jwks, ring.list(), (await manage('list')).printed])).not.toMatch(/"d"/);
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  it('take over a file of the first format, whose first key signs', async () => {
    await KeyRing.open(file, clock);
    const { keys } = JSON.parse(readFileSync(file, 'utf8')) as { keys: Record<string, unknown>[] };
    const plain = keys.map(({ state: _state, since: _since, ...jwk }) => jwk);
    writeFileSync(file, JSON.stringify({ keys: [plain[0]] }));

    const ring = await KeyRing.open(file, clock);

    expect(ring.kid).toBe(plain[0]!['kid']);
    expect(ring.list().map(({ state }) => state)).toEqual(['current', 'next']);
  });

  it.each(['memory', 'DynamoDB'])(
    'are announced to every tenant once, also by a process that starts later (%s)',
    async (store) => {
      const ring = await KeyRing.open(file, clock);
      const { kid } = ring;
      const policies = await stores.fresh(store);
      const world = await PolicyWorld.open(stores.folder, { policies, keys: ring });
      const seen = async (tenantId: string) =>
        (
          await world.api.get('/revocation-list', { token: await world.token('alice', ['user'], tenantId) })
        ).body.items.map((item: { kind: string; kid: string }) => [item.kind, item.kid]);
      await seen('acme');
      await seen('globex');

      await world.service.announceKeys();
      await manage('revoke', '--kid', kid, '--reason', 'It leaked.');
      // A bundle that is signed meanwhile takes the change up first.
      await ring.sign({}, 'test');
      await world.service.announceKeys();
      await world.service.announceKeys();
      const later = await PolicyWorld.open(stores.folder, { policies, keys: await KeyRing.open(file, clock) });
      await later.service.announceKeys();

      for (const tenant of ['acme', 'globex'])
        expect((await seen(tenant)).sort()).toEqual(
          [
            ['key_revoked', kid],
            ['key_rotated', ring.kid],
          ].sort(),
        );
    },
  );
});

describe('the operator’s command', () => {
  it('refuses wrong usage, an unknown key and a missing reason with a sentence', async () => {
    await KeyRing.open(file, clock);

    expect(await manage('list')).toMatchObject({ code: 0 });
    file = `${file}.elsewhere`;
    expect(await manage('list')).toMatchObject({ code: 1, complaints: [expect.stringContaining('no key file')] });
    file = file.replace('.elsewhere', '');
    expect(await manage('rotate')).toMatchObject({ code: 2, complaints: [expect.stringContaining('Usage')] });
    expect(await manage('revoke', '--kid', 'nobody', '--reason', 'x')).toMatchObject({
      code: 1,
      complaints: ['There is no signing key nobody.'],
    });
    expect(await manage('--what')).toMatchObject({ code: 2 });
  });
});
