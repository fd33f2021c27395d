import { streamName } from './event.ts';
import type { StreamKey } from './event.ts';

/** Tells readers in this process that a stream has grown; other instances find out by looking. */
export class EventNotifier {
  readonly #waiting = new Map<string, Set<() => void>>();

  /** Wakes everyone who waits for this stream. */
  notify(stream: StreamKey): void {
    const waiting = this.#waiting.get(streamName(stream));
    for (const wake of [...(waiting ?? [])]) wake();
  }

  /**
   * A promise that resolves at the next growth, after `limitMs`, or when the signal aborts. It counts from this call
   * on, so begin waiting before reading: what is added in between is not missed.
   * @returns `stop` must be called when the promise is no longer needed
   */
  waitForGrowth(stream: StreamKey, limitMs: number, signal: AbortSignal): { grown: Promise<void>; stop: () => void } {
    const name = streamName(stream);
    const waiting = this.#waiting.get(name) ?? new Set();
    this.#waiting.set(name, waiting);
    let stop = (): void => {};
    const grown = new Promise<void>((resolve) => {
      const timer = setTimeout(() => stop(), limitMs);
      stop = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        waiting.delete(stop);
        if (waiting.size === 0 && this.#waiting.get(name) === waiting) this.#waiting.delete(name);
        resolve();
      };
      signal.addEventListener('abort', stop);
      waiting.add(stop);
      if (signal.aborted) stop();
    });
    return { grown, stop };
  }
}
