import type { Clock } from '@steward/sdk';
import type { Scheduler } from '../../src/ports.ts';

/** Time that passes only when a test says so; timers and clock agree until the machine sleeps or its clock is set. */
export class ManualTime implements Clock, Scheduler {
  #ms: number;
  #leapMs = 0;
  #timers: { at: number; action: () => void }[] = [];

  constructor(start = '2026-11-21T06:00:00.000Z') {
    this.#ms = Date.parse(start);
  }

  now(): Date {
    return new Date(this.#ms + this.#leapMs);
  }

  monotonicMs(): number {
    return this.#ms;
  }

  after(ms: number, action: () => void): () => void {
    const timer = { at: this.#ms + ms, action };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /**
   * The wall clock goes on, or back, and nothing else does: the machine slept on a system whose monotonic clock and
   * timers stop meanwhile, or somebody set its clock.
   */
  leap(ms: number): void {
    this.#leapMs += ms;
  }

  /** The machine slept on a system whose monotonic clock runs on: timers that were due come late, and all at once. */
  async oversleep(ms: number): Promise<void> {
    this.#ms += ms;
    await this.advance(0);
  }

  /** Lets time pass; timers run in order, each at its time. */
  async advance(ms: number): Promise<void> {
    const end = this.#ms + ms;
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#ms = Math.max(this.#ms, next.at);
      this.#timers = this.#timers.filter((other) => other !== next);
      next.action();
      await settle();
    }
    this.#ms = end;
    await settle();
  }
}

/** Lets everything run that is ready to run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
