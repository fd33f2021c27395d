import type { Timers } from './timers.ts';

const quietMs = 40;

/** Turns many changes into few announcements: one soon after the first, at most one every 40 ms, the last never lost. */
export class SnapshotAnnouncer {
  readonly #timers: Timers;
  readonly #announce: () => void;
  #cancel: (() => void) | undefined;

  constructor(timers: Timers, announce: () => void) {
    this.#timers = timers;
    this.#announce = announce;
  }

  changed(): void {
    this.#cancel ??= this.#timers.after(quietMs, () => {
      this.#cancel = undefined;
      this.#announce();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
