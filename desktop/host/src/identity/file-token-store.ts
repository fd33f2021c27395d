import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent, writePrivateFile } from '../files/private-files.ts';
import { parseStoredTokens } from './token-store.ts';
import type { StoredTokens, TokenStore } from './token-store.ts';

const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/**
 * Keeps tokens in a file beside its key, both readable by their owner only. The encryption keeps a token out of
 * searches, backups of single files and accidental copies; it does not protect against a program that runs as the
 * same user, which can read both files. Where the system has a key store, the Electron shell uses that instead.
 */
export class FileTokenStore implements TokenStore {
  readonly #tokens: string;
  readonly #key: string;

  /** @param folder private folder of the host, created on the first save */
  constructor(folder: string) {
    this.#tokens = join(folder, 'tokens.bin');
    this.#key = join(folder, 'tokens.key');
  }

  async load(): Promise<StoredTokens | undefined> {
    const [sealed, key] = await Promise.all([readIfPresent(this.#tokens), readIfPresent(this.#key)]);
    if (sealed === undefined || key?.length !== 32 || sealed.length < ivBytes + tagBytes) return undefined;
    try {
      const decipher = createDecipheriv(algorithm, key, sealed.subarray(0, ivBytes));
      decipher.setAuthTag(sealed.subarray(ivBytes, ivBytes + tagBytes));
      const plain = Buffer.concat([decipher.update(sealed.subarray(ivBytes + tagBytes)), decipher.final()]);
      return parseStoredTokens(plain.toString('utf8'));
    } catch {
      return undefined;
    }
  }

  async save(tokens: StoredTokens): Promise<void> {
    const key = await this.#loadOrCreateKey();
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv(algorithm, key, iv);
    const body = Buffer.concat([cipher.update(JSON.stringify(tokens), 'utf8'), cipher.final()]);
    await writePrivateFile(this.#tokens, Buffer.concat([iv, cipher.getAuthTag(), body]));
  }

  async clear(): Promise<void> {
    await Promise.all([rm(this.#tokens, { force: true }), rm(this.#key, { force: true })]);
  }

  async #loadOrCreateKey(): Promise<Buffer> {
    const kept = await readIfPresent(this.#key);
    if (kept?.length === 32) return kept;
    const key = randomBytes(32);
    await writePrivateFile(this.#key, key);
    return key;
  }
}
