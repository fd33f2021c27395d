import type { Server } from 'node:http';
import type { Socket } from 'node:net';

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

/** Connections that have not sent a request yet, which the server itself counts as neither idle nor busy. */
export class UnusedConnections {
  /** By the other end's address, which the encrypted socket and the one beneath it share. */
  readonly #sockets = new Map<string, Socket>();

  /** Follows a server's connections from now on; begin before it listens. */
  constructor(server: Server) {
    const add = (socket: Socket): void => {
      const end = endOf(socket);
      this.#sockets.set(end, socket);
      socket.once('close', () => {
        if (this.#sockets.get(end) === socket) this.#sockets.delete(end);
      });
    };
    server.on('connection', add);
    server.on('secureConnection', add);
    server.on('request', ({ socket }) => this.#sockets.delete(endOf(socket)));
  }

  /** Closes them. */
  close(): void {
    for (const socket of this.#sockets.values()) socket.destroy();
  }
}

function endOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

/**
 * Stops a server without breaking requests: refuses new connections, ends idle and unused ones, waits for what is in
 * flight and cuts what has not ended after `graceMs`. Resolves when the last connection is gone.
 */
export async function drainServer(
  server: Server,
  lifecycle: Lifecycle,
  unused: UnusedConnections,
  graceMs = 10_000,
): Promise<void> {
  lifecycle.beginDraining();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const sweep = (): void => {
    server.closeIdleConnections();
    unused.close();
  };
  sweep();
  // A kept connection whose request has just ended turns idle only after the sweep above.
  const timer = setInterval(sweep, 100);
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(timer);
  clearTimeout(cut);
}
