import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { loadOrCreateSigningKeys } from '@steward/service-kit';

const script = join(dirname(fileURLToPath(import.meta.url)), '../../bin/signing-keys.mjs');
const run = (args: string[], input = ''): string =>
  execFileSync(process.execPath, [script, ...args], { input, encoding: 'utf8' });

describe('the script of signing keys', () => {
  it('prints a set that a service signs with, and puts a new key before the known ones', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'steward-keys-'));
    const first = run([]);

    const rotated = run(['--before'], first);

    const file = join(folder, 'keys.json');
    writeFileSync(file, rotated);
    const keys = await loadOrCreateSigningKeys(file);
    rmSync(folder, { recursive: true });
    const kids = (JSON.parse(rotated) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
    expect(keys.kid).toBe(kids[0]);
    expect(kids[1]).toBe((JSON.parse(first) as { keys: { kid: string }[] }).keys[0]?.kid);
    expect(keys.jwks.keys.map(({ kid }) => kid)).toEqual(kids);
  });
});
