import { createHash, randomBytes } from 'node:crypto';

const maxSessions = 100;

/**
 * The browsers that have redeemed a launch link. Kept in memory as digests only: a restart of the shell ends them all,
 * and the newest hundred are kept.
 */
export class BrowserSessions {
  readonly #cookieName: string;
  readonly #digests = new Set<string>();

  /** @param port part of the cookie's name, since browsers share cookies between the ports of a host */
  constructor(port: number) {
    this.#cookieName = `steward_window_${port}`;
  }

  /** Admits one more browser and returns its Set-Cookie header. */
  admit(): string {
    const secret = randomBytes(32).toString('base64url');
    this.#digests.add(digest(secret));
    const oldest = this.#digests.values().next().value;
    if (this.#digests.size > maxSessions && oldest !== undefined) this.#digests.delete(oldest);
    return `${this.#cookieName}=${secret}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** True when the Cookie header belongs to an admitted browser. Looks digests up, so timing tells nothing. */
  isAdmitted(cookieHeader: string | undefined): boolean {
    return (cookieHeader ?? '').split(';').some((pair) => {
      const [name, value] = pair.trim().split('=', 2);
      return name === this.#cookieName && value !== undefined && this.#digests.has(digest(value));
    });
  }
}

function digest(secret: string): string {
  return createHash('sha256').update(secret, 'utf8').digest('base64');
}
