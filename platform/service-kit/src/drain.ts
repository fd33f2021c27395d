import type { Server } from 'node:http';

/** Whether a service takes work: from start to the moment it begins to drain. */
export class Lifecycle {
  readonly #controller = new AbortController();
  readonly #linked = new Set<AbortController>();

  /** Aborted once the service stops taking work: readiness turns false and streams end. */
  get draining(): AbortSignal {
    return this.#controller.signal;
  }

  /** Stops taking work; without effect the second time. */
  beginDraining(): void {
    const reason = new Error('The service is stopping.');
    this.#controller.abort(reason);
    for (const controller of this.#linked) controller.abort(reason);
    this.#linked.clear();
  }

  /**
   * Aborts the controller when draining begins, until the returned function unlinks it. One listener per request on
   * the long-lived signal itself would pile up.
   */
  link(controller: AbortController): () => void {
    if (this.draining.aborted) controller.abort(this.draining.reason);
    else this.#linked.add(controller);
    return () => this.#linked.delete(controller);
  }
}

/**
 * Stops a server without breaking requests: refuses new connections, ends idle ones, waits for what is in flight and
 * cuts what has not ended after `graceMs`. Resolves when the last connection is gone.
 */
export async function drainServer(server: Server, lifecycle: Lifecycle, graceMs = 10_000): Promise<void> {
  lifecycle.beginDraining();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  // A kept connection whose request has just ended turns idle only after the sweep above.
  const sweep = setInterval(() => server.closeIdleConnections(), 100);
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}
