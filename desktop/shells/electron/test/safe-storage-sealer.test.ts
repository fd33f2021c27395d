import { describe, expect, it } from '@jest/globals';
import { chooseSealer } from '../src/safe-storage-sealer.ts';
import { FakeElectron } from './fake-electron.ts';

describe('chooseSealer', () => {
  it.each([
    ['linux', { available: true, backend: 'gnome_libsecret' }, true],
    ['linux', { available: true, backend: 'basic_text' }, false],
    ['linux', { available: true, backend: 'unknown' }, false],
    ['darwin', { available: true, backend: 'unknown' }, true],
    ['win32', { available: false, backend: 'unknown' }, false],
  ] as const)('on %s with %p says whether there is a key store', (platform, keyStore, there) => {
    const electron = new FakeElectron();
    electron.keyStore = keyStore;

    expect(chooseSealer(electron.api.safeStorage, platform) !== undefined).toBe(there);
  });

  it('opens what it sealed', () => {
    const sealer = chooseSealer(new FakeElectron().api.safeStorage, 'darwin')!;

    const sealed = sealer.seal('a value');

    expect(Buffer.from(sealed).toString('utf8')).not.toContain('a value');
    expect(sealer.open(new Uint8Array(sealed))).toBe('a value');
  });
});
