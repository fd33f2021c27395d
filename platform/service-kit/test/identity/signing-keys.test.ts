import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { compactVerify, createLocalJWKSet } from 'jose';
import { createSigningKeys, loadOrCreateSigningKeys } from '../../src/index.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'steward-keys-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('loadOrCreateSigningKeys', () => {
  it('makes a private file once, even when two processes start together', async () => {
    const file = join(folder, 'deep', 'keys.json');

    const [first, second] = await Promise.all([loadOrCreateSigningKeys(file), loadOrCreateSigningKeys(file)]);

    expect(first.kid).toBe(second.kid);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(JSON.stringify(first.jwks)).not.toContain('"d"');
  });

  it('signs with the first key and publishes the retired ones', async () => {
    const file = join(folder, 'keys.json');
    const old = await loadOrCreateSigningKeys(file);
    const signature = await old.sign({ a: 1 }, 'x');
    const [retired] = JSON.parse(await readFile(file, 'utf8')).keys;
    await loadOrCreateSigningKeys(join(folder, 'new.json'));
    const [fresh] = JSON.parse(await readFile(join(folder, 'new.json'), 'utf8')).keys;
    await writeFile(file, JSON.stringify({ keys: [fresh, retired] }));

    const rotated = await loadOrCreateSigningKeys(file);
    const { payload, protectedHeader } = await compactVerify(signature, createLocalJWKSet(rotated.jwks));

    expect(rotated.kid).not.toBe(old.kid);
    expect([new TextDecoder().decode(payload), protectedHeader]).toEqual([
      '{"a":1}',
      { alg: 'EdDSA', kid: old.kid, typ: 'x' },
    ]);
  });

  it.each([['not json'], ['{"keys":[]}'], ['{"keys":[{"kty":"OKP","crv":"Ed25519","x":"abc"}]}']])(
    'refuses a file that holds %s',
    async (text) => {
      const file = join(folder, 'keys.json');
      await writeFile(file, text);

      await expect(loadOrCreateSigningKeys(file)).rejects.toThrow(/must hold a JWK set/);
    },
  );
});

describe('createSigningKeys', () => {
  it('gives different keys each time', async () => {
    expect((await createSigningKeys()).kid).not.toBe((await createSigningKeys()).kid);
  });
});
