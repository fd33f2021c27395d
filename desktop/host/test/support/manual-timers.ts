import type { Clock } from '@steward/sdk';
import type { Timers } from '../../src/timers.ts';

/** Timers and a clock that a test moves by hand. */
export class ManualTime implements Timers, Clock {
  #nowMs = Date.parse('2026-11-21T09:00:00.000Z');
  #waiting: { readonly atMs: number; readonly callback: () => void }[] = [];

  now(): Date {
    return new Date(this.#nowMs);
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(ms: number, callback: () => void): () => void {
    const entry = { atMs: this.#nowMs + ms, callback };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== entry);
    };
  }

  /** Moves time on and calls what has become due, in order. */
  advance(ms: number): void {
    this.#nowMs += ms;
    const due = this.#waiting.filter((entry) => entry.atMs <= this.#nowMs).sort((a, b) => a.atMs - b.atMs);
    this.#waiting = this.#waiting.filter((entry) => entry.atMs > this.#nowMs);
    for (const entry of due) entry.callback();
  }
}
