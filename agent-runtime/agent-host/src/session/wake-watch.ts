import type { Clock } from '@steward/sdk';
import type { Scheduler } from '../ports.ts';

/** What the watch needs. */
export interface WakeWatchDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Time is not where it was expected: the machine slept, or its clock was set. */
  onLeap(leap: ClockLeap): void;
}

/** What the two clocks did between two looks. */
export interface ClockLeap {
  /** How much further the wall clock went than the work did, in milliseconds; negative when it was set back. */
  readonly leapMs: number;
}

const lookEveryMs = 15_000;
/** Less is a busy machine or a clock that is being corrected. */
const leastLeapMs = 10_000;

/**
 * Notices that the machine slept or that its clock was set, by comparing the wall clock with the time that this
 * process was awake. A monotonic clock stops during sleep on some systems and runs on in others, so no more than the
 * time between two looks counts as awake.
 */
export class WakeWatch {
  readonly #deps: WakeWatchDeps;
  #stop: () => void = () => undefined;
  #stopped = false;

  constructor(deps: WakeWatchDeps) {
    this.#deps = deps;
  }

  /** Begins to look; nothing is called after `stop`. */
  start(): void {
    const { clock, scheduler, onLeap } = this.#deps;
    if (this.#stopped) return;
    const wallMs = clock.now().getTime();
    const monotonicMs = clock.monotonicMs();
    this.#stop = scheduler.after(lookEveryMs, () => {
      const awakeMs = Math.min(clock.monotonicMs() - monotonicMs, lookEveryMs);
      const leapMs = clock.now().getTime() - wallMs - awakeMs;
      this.start();
      if (Math.abs(leapMs) >= leastLeapMs) onLeap({ leapMs });
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#stop();
  }
}
