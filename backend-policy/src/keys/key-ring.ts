import type { SigningKeyStatus } from '@steward/contracts';
import type { Clock } from '@steward/sdk';
import type { SigningKeys } from '@steward/service-kit';
import { CompactSign, importJWK } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import { firstKeys, keyFileMark, readKeyFile, rotate, writeKeyFile } from './key-file.ts';
import type { KeptKey } from './key-file.ts';

/**
 * The keys that sign bundles, kept in a file that an operator's command changes while services run. Next, current and
 * previous keys are published, so that a rotation stops nobody; revoked ones never.
 */
export class KeyRing implements SigningKeys {
  readonly #file: string;
  readonly #clock: Clock;
  #mark: string | undefined;
  #keys: readonly KeptKey[] = [];
  #signer: { readonly kid: string; readonly key: CryptoKey } | undefined;

  private constructor(file: string, clock: Clock) {
    this.#file = file;
    this.#clock = clock;
  }

  /** Opens the file, made with two keys when there is none yet. Throws ConfigError when it holds no keys. */
  static async open(file: string, clock: Clock): Promise<KeyRing> {
    const ring = new KeyRing(file, clock);
    const now = clock.now().toISOString();
    const known = await readKeyFile(file, now);
    if (known === undefined) {
      await writeKeyFile(file, await firstKeys(now), true).catch((error: NodeJS.ErrnoException) => {
        // Another process made it between the two calls: its keys count.
        if (error.code !== 'EEXIST') throw error;
      });
    } else if (!known.some(({ state }) => state === 'next')) {
      const [, next] = await rotate(known, now, '');
      await writeKeyFile(file, [...known, next!]);
    }
    await ring.refresh();
    return ring;
  }

  get kid(): string {
    return this.#signer!.kid;
  }

  get jwks(): { keys: JWK[] } {
    const published = this.#keys.filter(({ state }) => state !== 'revoked');
    return {
      keys: published.map(({ jwk: { kty, crv, x, kid } }) => ({ kty, crv, x, kid, alg: 'EdDSA', use: 'sig' }) as JWK),
    };
  }

  /** All keys, without their private parts. */
  list(): SigningKeyStatus[] {
    return this.#keys.map(({ jwk, state, since, reason }) => ({
      kid: jwk.kid,
      state,
      since,
      ...(reason === undefined ? {} : { reason }),
    }));
  }

  /** Takes up what an operator changed in the file. @returns whether anything did */
  async refresh(): Promise<boolean> {
    const mark = await keyFileMark(this.#file);
    if (mark === undefined || mark === this.#mark) return false;
    const keys = await readKeyFile(this.#file, this.#clock.now().toISOString());
    const current = keys?.find(({ state }) => state === 'current');
    if (keys === undefined || current === undefined) return false;
    this.#signer = { kid: current.jwk.kid, key: (await importJWK(current.jwk, 'EdDSA')) as CryptoKey };
    this.#keys = keys;
    this.#mark = mark;
    return true;
  }

  /** Signs with the key that is current now, also when it was rotated a moment ago. */
  async sign(payload: object, typ: string): Promise<string> {
    await this.refresh();
    const { kid, key } = this.#signer!;
    return new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
      .setProtectedHeader({ alg: 'EdDSA', kid, typ })
      .sign(key);
  }
}
