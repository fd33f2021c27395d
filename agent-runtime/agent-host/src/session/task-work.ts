import type { Scheduler } from '../ports.ts';
import { StopSignal } from '../loop/stop-signal.ts';

/** How long a tool may finish what it does once its task was cancelled by force, or a new prompt waits for the end. */
const forceGraceMs = 2_000;
const stopGraceMs = 3_000;

/** One task while it works in this process: how it is cancelled, stopped, and let go on after a pause. */
export class TaskWork {
  readonly #scheduler: Scheduler;
  readonly #cancel = new AbortController();
  readonly #force = new AbortController();
  #resume: (() => void) | undefined;
  /** Resolves when the work has ended and its end is written down. Set by whoever runs the loop. */
  ended: Promise<void> = Promise.resolve();

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Aborted on cancel and on stop. */
  get signal(): AbortSignal {
    return this.#cancel.signal;
  }

  /** Aborted when a running tool is to be killed. */
  get force(): AbortSignal {
    return this.#force.signal;
  }

  /** True from the first pause until it is let go on. */
  get waits(): boolean {
    return this.#resume !== undefined;
  }

  cancel(why: string): void {
    this.#cancel.abort(new Error(why));
  }

  /** Kills a running tool after a short grace. */
  forceSoon(): void {
    this.#scheduler.after(forceGraceMs, () => this.#force.abort(new Error('The task was cancelled by force.')));
  }

  /** Stops and leaves the task to be resumed; a tool is killed after a grace unless the returned function is called. */
  stop(): () => void {
    this.#cancel.abort(new StopSignal());
    return this.#scheduler.after(stopGraceMs, () => this.#force.abort(new StopSignal()));
  }

  /**
   * A pause: resolves with the `go` of `takeGo`, rejects with the signal's reason on cancel and stop.
   * @param begin called in the same turn, once the pause can be ended
   * @param aborted called right before it rejects
   */
  pause(begin: () => void, aborted: () => void): Promise<void> {
    const { signal } = this;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        // What was cancelled can't be let go on any more.
        this.#resume = undefined;
        aborted();
        reject(signal.reason);
      };
      this.#resume = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) return onAbort();
      begin();
    });
  }

  /** The way to end the pause, handed out once; undefined when nothing waits. */
  takeGo(): (() => void) | undefined {
    const go = this.#resume;
    this.#resume = undefined;
    return go;
  }

  /** Resolves when the work has ended, or after a short wait: what was cancelled ends soon unless a tool still runs. */
  async endedOrPatience(): Promise<void> {
    let stop = (): void => undefined;
    const patience = new Promise<void>((resolve) => {
      stop = this.#scheduler.after(forceGraceMs, resolve);
    });
    await Promise.race([this.ended, patience]);
    stop();
  }
}
