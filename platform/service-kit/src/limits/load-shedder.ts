import { monitorEventLoopDelay } from 'node:perf_hooks';
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

/** Share of the requests at once from which lateness is taken for theirs. */
const crowdedShare = 1 / 8;

/** How often the delay is looked at. */
const gaugeMs = 100;

/**
 * Decides before any work whether a process takes one more request: at most so many at once, and no more
 * than an eighth of them while its event loop is later than the limit. What it lets in, it can answer in time; the rest is told at once to come back.
 */
export class LoadShedder {
  readonly #limits: LoadLimits;
  readonly #gauge: DelayGauge;
  readonly #nowMs: () => number;
  #inFlight = 0;
  #readAtMs = -Infinity;
  #isLate = false;

  constructor(options: { limits?: LoadLimits; gauge?: DelayGauge; nowMs?: () => number } = {}) {
    this.#limits = options.limits ?? limits.load;
    this.#gauge = options.gauge ?? createDelayGauge();
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /** Requests that were let in and have not left. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Lets one request in, until the returned function is called (once or more); undefined: it is turned away. */
  enter(): (() => void) | undefined {
    if (this.#inFlight >= this.#limits.requestsAtOnce || this.#isRunningLate()) return undefined;
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

  #isRunningLate(): boolean {
    const nowMs = this.#nowMs();
    if (nowMs - this.#readAtMs >= gaugeMs) {
      this.#readAtMs = nowMs;
      this.#isLate = this.#gauge.read() > this.#limits.loopDelayMs;
    }
    // With few requests inside, a late loop is the machine's doing, and turning them away would not help.
    return this.#isLate && this.#inFlight >= this.#limits.requestsAtOnce * crowdedShare;
  }
}

function createDelayGauge(): DelayGauge {
  const resolution = 10;
  const histogram = monitorEventLoopDelay({ resolution });
  histogram.enable();
  return {
    read: () => {
      const meanMs = histogram.mean / 1e6 - resolution;
      histogram.reset();
      return Number.isFinite(meanMs) ? meanMs : 0;
    },
    close: () => histogram.disable(),
  };
}
