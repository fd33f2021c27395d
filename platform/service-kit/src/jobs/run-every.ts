/**
 * Runs the work after each pause, never twice at once. The work must not throw.
 * @returns stops it and resolves when a run in progress has ended
 */
export function runEvery(pauseSeconds: number, work: () => Promise<void>): () => Promise<void> {
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;
  const schedule = (): void => {
    timer = setTimeout(() => {
      running = work().then(() => {
        if (!stopped) schedule();
      });
    }, pauseSeconds * 1000);
    timer.unref();
  };
  schedule();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
  };
}
