import type { Sealer } from '@steward/desktop-host';
import type { ElectronApi } from './electron-api.ts';

type SafeStorage = ElectronApi['safeStorage'];

/**
 * Whether Electron really has a key store to seal with. Linux without a wallet would make it "encrypt" with a key that is
 * written in its source (`basic_text`).
 */
export function hasKeyStore(safeStorage: SafeStorage, platform: NodeJS.Platform): boolean {
  const sealed = safeStorage.isEncryptionAvailable();
  const backend = platform === 'linux' && sealed ? safeStorage.getSelectedStorageBackend() : undefined;
  return sealed && backend !== 'basic_text' && backend !== 'unknown';
}

/** The system's key store (Keychain, DPAPI, libsecret, KWallet) as the host wants it; undefined where there is none. */
export function chooseSealer(safeStorage: SafeStorage, platform: NodeJS.Platform): Sealer | undefined {
  if (!hasKeyStore(safeStorage, platform)) return undefined;
  return {
    seal: (text) => safeStorage.encryptString(text),
    open: (sealed) => safeStorage.decryptString(Buffer.from(sealed)),
  };
}
