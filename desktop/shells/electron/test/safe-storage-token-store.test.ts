import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FileTokenStore } from '@steward/desktop-host';
import { SafeStorageTokenStore, chooseTokenStore } from '../src/safe-storage-token-store.ts';
import { FakeElectron } from './fake-electron.ts';

const tokens = {
  refreshToken: 'very-secret',
  user: { userId: 'alice', tenantId: 'acme', name: 'Alice', roles: ['user'] },
};

describe('SafeStorageTokenStore', () => {
  let folder: string;
  const electron = new FakeElectron();

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'steward-tokens-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('keeps tokens sealed by the key store, in a file of their owner only', async () => {
    const store = new SafeStorageTokenStore(folder, electron.api.safeStorage);

    await store.save(tokens);

    const file = join(folder, 'tokens.safe');
    expect(await store.load()).toEqual(tokens);
    expect(await readFile(file, 'utf8')).not.toContain('very-secret');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('forgets tokens when told, and reads what another key store sealed as none', async () => {
    const store = new SafeStorageTokenStore(folder, electron.api.safeStorage);
    await store.save(tokens);

    await store.clear();
    const cleared = await store.load();
    await writeFile(join(folder, 'tokens.safe'), 'sealed elsewhere');
    const foreign = await store.load();

    expect([cleared, foreign]).toEqual([undefined, undefined]);
  });
});

describe('chooseTokenStore', () => {
  it.each([
    ['linux', { available: true, backend: 'gnome_libsecret' }, SafeStorageTokenStore],
    ['linux', { available: true, backend: 'basic_text' }, FileTokenStore],
    ['linux', { available: true, backend: 'unknown' }, FileTokenStore],
    ['linux', { available: false, backend: 'unknown' }, FileTokenStore],
    ['darwin', { available: true, backend: 'unknown' }, SafeStorageTokenStore],
    ['win32', { available: false, backend: 'unknown' }, FileTokenStore],
  ] as const)('on %s with %p takes the right one and says when it is not the key store', (platform, keyStore, kind) => {
    const electron = new FakeElectron();
    electron.keyStore = keyStore;

    const { store, warning } = chooseTokenStore(electron.api.safeStorage, '/folder', platform);

    expect(store).toBeInstanceOf(kind);
    expect(warning === undefined).toBe(kind === SafeStorageTokenStore);
  });
});
