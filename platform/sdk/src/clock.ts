/** Time as a dependency, so that tests decide what time it is. */
export interface Clock {
  /** Wall time. */
  now(): Date;
  /** Milliseconds from an arbitrary start; never goes back. For durations and deadlines. */
  monotonicMs(): number;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
};

/** ISO 8601 UTC with milliseconds, as every timestamp of the product. */
export function timestampOf(clock: Clock): string {
  return clock.now().toISOString();
}
