import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { compactVerify, createLocalJWKSet } from 'jose';
import { createSigningKeys, generateSigningKey, loadSigningKeys } from '../../src/keys/signing-keys.ts';

describe('signing keys', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'steward-keys-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('are made once, readable by their owner only, and the same after a restart', async () => {
    const file = join(folder, 'keys.json');

    const first = await loadSigningKeys(file, () => 'key-1');
    const second = await loadSigningKeys(file, () => 'key-2');

    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(second.jwks).toEqual(first.jwks);
    expect(first.jwks.keys.map((key) => key.kid)).toEqual(['key-1']);
  });

  it('sign what their published keys verify and publish no private part', async () => {
    const keys = await createSigningKeys([await generateSigningKey('key-1')]);

    const jws = await keys.sign({ hello: 'world' });

    const { payload, protectedHeader } = await compactVerify(jws, createLocalJWKSet({ keys: [...keys.jwks.keys] }));
    expect(JSON.parse(new TextDecoder().decode(payload))).toEqual({ hello: 'world' });
    expect(protectedHeader).toEqual({ alg: 'EdDSA', kid: 'key-1', typ: 'steward-policy+jws' });
    expect(JSON.stringify(keys.jwks)).not.toContain('"d"');
  });

  it('keep publishing an older key after a rotation, and sign with the newer one', async () => {
    const older = await generateSigningKey('older');
    const signedBefore = await (await createSigningKeys([older])).sign({ n: 1 });

    const rotated = await createSigningKeys([await generateSigningKey('newer'), older]);

    const set = createLocalJWKSet({ keys: [...rotated.jwks.keys] });
    await expect(compactVerify(signedBefore, set)).resolves.toBeDefined();
    expect((await compactVerify(await rotated.sign({ n: 2 }), set)).protectedHeader.kid).toBe('newer');
  });

  it('are never replaced when their file is damaged', async () => {
    const file = join(folder, 'keys.json');
    writeFileSync(file, '{"keys": [');

    await expect(loadSigningKeys(file, () => 'key-1')).rejects.toThrow(/can't be read; restore the file/);
    expect(readFileSync(file, 'utf8')).toBe('{"keys": [');
  });
});
