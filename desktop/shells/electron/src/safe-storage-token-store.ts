import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FileTokenStore, parseStoredTokens, readIfPresent, writePrivateFile } from '@steward/desktop-host';
import type { StoredTokens, TokenStore } from '@steward/desktop-host';
import type { ElectronApi } from './electron-api.ts';
import { hasKeyStore } from './safe-storage-sealer.ts';

type SafeStorage = ElectronApi['safeStorage'];

/** Keeps tokens in a file whose key lies in the system's key store (Keychain, DPAPI, libsecret, KWallet). */
export class SafeStorageTokenStore implements TokenStore {
  readonly #file: string;
  readonly #safeStorage: SafeStorage;

  constructor(folder: string, safeStorage: SafeStorage) {
    this.#file = join(folder, 'tokens.safe');
    this.#safeStorage = safeStorage;
  }

  async load(): Promise<StoredTokens | undefined> {
    const sealed = await readIfPresent(this.#file);
    if (sealed === undefined) return undefined;
    try {
      return parseStoredTokens(this.#safeStorage.decryptString(sealed));
    } catch {
      // Sealed by another key store, such as one that was reset: only a new sign-in helps.
      return undefined;
    }
  }

  async save(tokens: StoredTokens): Promise<void> {
    await writePrivateFile(this.#file, this.#safeStorage.encryptString(JSON.stringify(tokens)));
  }

  async clear(): Promise<void> {
    await rm(this.#file, { force: true });
  }
}

/** The store to use, and a sentence for the log when it is not the system's key store. */
export interface ChosenTokenStore {
  readonly store: TokenStore;
  readonly warning?: string;
}

/** The system's key store where it has one; a private file with a key of its own is the honest choice elsewhere. */
export function chooseTokenStore(
  safeStorage: SafeStorage,
  folder: string,
  platform: NodeJS.Platform,
): ChosenTokenStore {
  if (hasKeyStore(safeStorage, platform)) return { store: new SafeStorageTokenStore(folder, safeStorage) };
  return {
    store: new FileTokenStore(folder),
    warning:
      'This system has no key store that Steward can use, so the sign-in is kept in a file that only you can read. Programs that run as you can read it too.',
  };
}
