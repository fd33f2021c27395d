import { limits } from '@steward/contracts';

/** How late the process runs its work. */
export interface DelayGauge {
  /** Average delay since the last call, in milliseconds. */
  read(): number;
  close(): void;
}

/** Limits of one process. */
export interface LoadLimits {
  readonly requestsAtOnce: number;
  readonly loopDelayMs: number;
}

/** Share of the requests at once that is always taken: with no more inside, a late loop is the machine's doing. */
const leastShare = 1 / 4;

/** How often the delay is looked at. */
const gaugeMs = 100;

/** What stays of the requests inside when the loop was late, and by how much of all they may grow each second when not. */
const keptShare = 0.7;
const grownSharePerSecond = 0.625;

/**
 * Decides before any work whether a process takes one more request. It takes at most so many at once, and fewer while its
 * event loop is late: then each of them waits for all the others, and their garbage outlives its collections. The number is
 * found as TCP finds its window (additive increase, multiplicative decrease; Chiu and Jain 1989): a late loop takes three
 * tenths off what is inside, each tenth of a second in time adds a sixteenth of all, whether or not anybody asked. What is
 * let in can be answered in time; the rest is told at once to come back.
 */
export class LoadShedder {
  readonly #limits: LoadLimits;
  readonly #gauge: DelayGauge;
  readonly #nowMs: () => number;
  #inFlight = 0;
  #allowed: number;
  #readAtMs: number;

  constructor(options: { limits?: LoadLimits; gauge?: DelayGauge; nowMs?: () => number } = {}) {
    this.#limits = options.limits ?? limits.load;
    this.#gauge = options.gauge ?? createDelayGauge();
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#allowed = this.#limits.requestsAtOnce;
    this.#readAtMs = this.#nowMs();
  }

  /** Requests that were let in and have not left. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Lets one request in, until the returned function is called (once or more); undefined: it is turned away. */
  enter(): (() => void) | undefined {
    this.#adapt();
    if (this.#inFlight >= this.#allowed) return undefined;
    this.#inFlight += 1;
    let isInside = true;
    return () => {
      if (isInside) this.#inFlight -= 1;
      isInside = false;
    };
  }

  /** Stops measuring. */
  close(): void {
    this.#gauge.close();
  }

  #adapt(): void {
    const nowMs = this.#nowMs();
    const passedMs = nowMs - this.#readAtMs;
    if (passedMs < gaugeMs) return;
    this.#readAtMs = nowMs;
    const { requestsAtOnce, loopDelayMs } = this.#limits;
    const least = requestsAtOnce * leastShare;
    if (this.#gauge.read() <= loopDelayMs)
      this.#allowed = Math.min(
        requestsAtOnce,
        this.#allowed + (requestsAtOnce * grownSharePerSecond * passedMs) / 1000,
      );
    else if (this.#inFlight > least)
      this.#allowed = Math.max(least, Math.min(this.#allowed, this.#inFlight) * keptShare);
  }
}

/** Between two looks at the clock. */
const lookMs = 20;

/**
 * Measures how much later than due the event loop comes to a timer of its own, which keeps no process running.
 * The histogram of `perf_hooks` forgets with each reset when its next look is due: read once per turn of a loop that takes
 * longer than the readings are apart, it never counts anything and tells such a loop to be in time.
 */
export function createDelayGauge(nowMs: () => number = () => performance.now()): DelayGauge {
  let dueMs = nowMs() + lookMs;
  let lateMs = 0;
  let looks = 0;
  const timer = setInterval(() => {
    const now = nowMs();
    lateMs += Math.max(0, now - dueMs);
    looks += 1;
    dueMs = now + lookMs;
  }, lookMs).unref();
  return {
    read: () => {
      const meanMs = looks === 0 ? Math.max(0, nowMs() - dueMs) : lateMs / looks;
      lateMs = 0;
      looks = 0;
      return meanMs;
    },
    close: () => clearInterval(timer),
  };
}
