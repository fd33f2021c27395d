import { StewardError } from '../errors.ts';

/** How often and how patiently a call is repeated. */
export interface RetryOptions {
  /** Calls in total; 3 unless given. */
  readonly attempts?: number;
  /** First pause; doubled each time, with full jitter. 200 ms unless given. */
  readonly baseDelayMs?: number;
  /** Longest pause, also when the other side asks for more. 30 s unless given. */
  readonly maxDelayMs?: number;
  /** Shared by calls to one service: when it is used up, failures are passed on at once. None unless given. */
  readonly budget?: RetryBudget | false;
  readonly signal?: AbortSignal;
  /** Injected by tests. */
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** From 0 to 1; injected by tests. */
  readonly random?: () => number;
}

/**
 * Keeps repetitions a small share of calls, so that clients do not multiply the load of a service in trouble. Every call
 * earns a part of one, a few are there to begin with: over many calls there are at most 1.15 requests per call.
 */
export class RetryBudget {
  readonly #perCall: number;
  readonly #most: number;
  #left: number;

  /** @param options.perCall repetitions that a call earns, 0.15 unless given; options.most that are kept, 10 */
  constructor(options: { perCall?: number; most?: number } = {}) {
    this.#perCall = options.perCall ?? 0.15;
    this.#most = options.most ?? 10;
    this.#left = this.#most;
  }

  /** A call begins. */
  earn(): void {
    this.#left = Math.min(this.#most, this.#left + this.#perCall);
  }

  /** True, and one repetition less, when there is one left. */
  spend(): boolean {
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}

/**
 * Repeats an idempotent call while it fails with a retryable StewardError, and rethrows the last failure.
 * `details.retryAfterSeconds` is honoured when it is longer than the own pause. The caller vouches that repeating is
 * harmless: the call only reads, replaces, or carries an Idempotency-Key.
 */
export async function withRetry<T>(call: (attempt: number) => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const attempts = options.attempts ?? 3;
  const sleep = options.sleep ?? sleepFor;
  const budget = options.budget === false ? undefined : options.budget;
  budget?.earn();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call(attempt);
    } catch (error) {
      if (attempt >= attempts || !(error instanceof StewardError) || !error.retryable || options.signal?.aborted)
        throw error;
      if (budget?.spend() === false) throw error;
      await sleep(pauseBefore(attempt, error, options), options.signal);
    }
  }
}

/** The pause after a failed attempt in milliseconds: exponential with full jitter, never shorter than Retry-After. */
export function pauseBefore(attempt: number, error: StewardError, options: RetryOptions = {}): number {
  const maxDelayMs = options.maxDelayMs ?? 30_000;
  const random = options.random ?? Math.random;
  const own = Math.min(maxDelayMs, (options.baseDelayMs ?? 200) * 2 ** (attempt - 1)) * random();
  const asked = error.details['retryAfterSeconds'];
  const askedMs = typeof asked === 'number' && Number.isFinite(asked) && asked > 0 ? asked * 1000 : 0;
  return Math.min(maxDelayMs, Math.max(own, askedMs));
}

/** Seconds that a Retry-After header asks for (number or date); undefined when absent or unreadable. */
export function retryAfterSeconds(header: string | null, now: Date): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now.getTime()) / 1000);
}

function sleepFor(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
}
