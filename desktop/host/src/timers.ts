/** Runs something later; injected so that tests decide when. */
export interface Timers {
  /** Calls once after the given time unless the returned function is called first. */
  after(ms: number, callback: () => void): () => void;
}

/** The machine's timers. A waiting one does not keep the process alive. */
export const systemTimers: Timers = {
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
