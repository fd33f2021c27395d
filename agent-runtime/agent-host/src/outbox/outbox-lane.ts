import type { Log, Scheduler } from '../ports.ts';

/** What one lane needs. */
export interface OutboxLaneDeps {
  readonly name: string;
  readonly scheduler: Scheduler;
  readonly log: Log;
  /** Sends the oldest item; resolves with false when there is none; rejects when it must be tried again. */
  sendNext(): Promise<boolean>;
  onSent(): void;
  onTrouble(): void;
}

const firstPauseMs = 1_000;
const longestPauseMs = 60_000;
/** A service that restarts is back after one of these; one that can't be reached holds up a drain for their sum. */
const drainPausesMs = [50, 150, 300, 500];

/** Sends the items for one service one after the other, with growing pauses while it does not take them. */
export class OutboxLane {
  readonly #deps: OutboxLaneDeps;
  #failures = 0;
  #sent = 0;
  #running: Promise<void> | undefined;
  #again = false;
  #cancelPause: (() => void) | undefined;
  #stopped = false;

  constructor(deps: OutboxLaneDeps) {
    this.#deps = deps;
  }

  /** True from a failure to the next success. */
  get inTrouble(): boolean {
    return this.#failures > 0;
  }

  /** There may be something to send. A running pause is kept. */
  wake(): void {
    if (this.#stopped || this.#cancelPause !== undefined) return;
    if (this.#running !== undefined) {
      this.#again = true;
      return;
    }
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      if (!this.#again) return;
      this.#again = false;
      this.wake();
    });
  }

  /** The same, and a running pause is cut short. */
  kick(): void {
    this.#cancelPause?.();
    this.#cancelPause = undefined;
    this.wake();
  }

  /**
   * Sends until nothing is left or the time is up. A failure is tried again after short pauses, a few times in a row
   * and as often as something was sent in between; then the lane goes back to its own pauses.
   */
  async drain(timeoutMs: number): Promise<void> {
    const { scheduler } = this.#deps;
    let timeIsUp = false;
    let stop = (): void => undefined;
    const timeout = new Promise<void>((resolve) => {
      stop = scheduler.after(timeoutMs, () => {
        timeIsUp = true;
        resolve();
      });
    });
    for (let tries = 0; !timeIsUp; tries += 1) {
      const sent = this.#sent;
      this.kick();
      while (this.#running !== undefined && !timeIsUp) await Promise.race([this.#running, timeout]);
      if (this.#sent > sent) tries = 0;
      const pauseMs = drainPausesMs[tries];
      if (!this.inTrouble || pauseMs === undefined) break;
      await Promise.race([new Promise<void>((resolve) => void scheduler.after(pauseMs, resolve)), timeout]);
    }
    stop();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelPause?.();
  }

  async #run(): Promise<void> {
    const { name, scheduler, log, sendNext } = this.#deps;
    // Whoever added the item flushes the journal first, and sending shares that flush.
    await Promise.resolve();
    try {
      while (!this.#stopped && (await sendNext())) {
        this.#failures = 0;
        this.#sent += 1;
        this.#deps.onSent();
      }
    } catch (error) {
      this.#failures += 1;
      const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (this.#failures - 1));
      log('warn', 'The outbox waits for a service.', {
        service: name,
        failures: this.#failures,
        pauseMs,
        reason: String(error),
      });
      this.#deps.onTrouble();
      if (this.#stopped) return;
      this.#cancelPause = scheduler.after(pauseMs, () => {
        this.#cancelPause = undefined;
        this.wake();
      });
    }
  }
}
