interface Failures {
  count: number;
  since: number;
}

/** Limits of {@link LoginAttempts}. */
export interface LoginAttemptLimits {
  /** Failures allowed within one window. */
  readonly maxFailures: number;
  /** Length of the window, which is also how long a name stays locked, in milliseconds. */
  readonly windowMs: number;
}

const DEFAULT_LIMITS: LoginAttemptLimits = { maxFailures: 5, windowMs: 60_000 };

/**
 * Slows down guessing: after too many failures a name is refused until the window has passed.
 * Unknown names share one counter, so a stream of invented names can neither fill memory nor guess freely.
 */
export class LoginAttempts {
  readonly #failures = new Map<string, Failures>();
  readonly #now: () => number;
  readonly #limits: LoginAttemptLimits;

  constructor(now: () => number, limits: LoginAttemptLimits = DEFAULT_LIMITS) {
    this.#now = now;
    this.#limits = limits;
  }

  /** Seconds until the next attempt for this name is judged; 0 when it may be tried now. */
  secondsUntilAllowed(name: string): number {
    const entry = this.#current(name);
    if (entry === undefined || entry.count < this.#limits.maxFailures) return 0;
    return Math.ceil((entry.since + this.#limits.windowMs - this.#now()) / 1000);
  }

  /** Counts a failure. */
  failed(name: string): void {
    const entry = this.#current(name);
    if (entry === undefined) this.#failures.set(name, { count: 1, since: this.#now() });
    else entry.count += 1;
  }

  /** Forgets the failures of a name after it signed in. */
  succeeded(name: string): void {
    this.#failures.delete(name);
  }

  #current(name: string): Failures | undefined {
    const entry = this.#failures.get(name);
    if (entry !== undefined && this.#now() >= entry.since + this.#limits.windowMs) {
      this.#failures.delete(name);
      return undefined;
    }
    return entry;
  }
}
