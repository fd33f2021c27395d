import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { writePrivateFile } from '@steward/desktop-host';

/**
 * The one-time secret in the link that opens the app. 256 bits, compared in constant time, good for one use; after
 * each use a new one is minted. The current one stands in a file that only its owner can read, so that a person can
 * open another window.
 */
export class LaunchToken {
  readonly #file: string;
  #token: string;

  private constructor(file: string, token: string) {
    this.#file = file;
    this.#token = token;
  }

  static async mint(file: string): Promise<LaunchToken> {
    const launch = new LaunchToken(file, '');
    await launch.#renew();
    return launch;
  }

  /** The secret as of now. */
  get current(): string {
    return this.#token;
  }

  /** True when the text is the current secret, which is then used up; resolves when the next one is on disk. */
  async redeem(text: string): Promise<boolean> {
    if (!sameSecret(text, this.#token)) return false;
    await this.#renew();
    return true;
  }

  async #renew(): Promise<void> {
    // Replaced before the write is awaited, so that two requests with one token cannot both pass.
    this.#token = randomBytes(32).toString('base64url');
    await writePrivateFile(this.#file, `${this.#token}\n`);
  }
}

/** Compares two secrets in time that tells nothing about either. */
export function sameSecret(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
