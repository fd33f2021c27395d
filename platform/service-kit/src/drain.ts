import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';
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

/** How long draining waits, in milliseconds. */
export interface DrainTimes {
  /** For one more request on connections that are open and idle: it may be on its way. */
  readonly lingerMs: number;
  /** For requests in flight, before they are cut. */
  readonly graceMs: number;
}

const defaultTimes: DrainTimes = { lingerMs: 300, graceMs: 10_000 };

/**
 * Stops a server without breaking requests: refuses new connections, answers what comes on open ones with
 * `Connection: close`, after a moment ends those that stayed idle, waits for what is in flight and cuts what has not
 * ended in time. Resolves when the last connection is gone.
 */
export async function drainServer(
  server: Server,
  lifecycle: Lifecycle,
  unused: UnusedConnections,
  times: DrainTimes = defaultTimes,
): Promise<void> {
  lifecycle.beginDraining();
  // The close of an HTTP server would cut idle connections at once, with a request on its way on some of them.
  const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
  const sweep = (): void => {
    server.closeIdleConnections();
    unused.close();
  };
  let sweeping: NodeJS.Timeout | undefined;
  const linger = setTimeout(() => {
    sweep();
    // A kept connection whose request has just ended turns idle only after the sweep before.
    sweeping = setInterval(sweep, 100);
  }, times.lingerMs);
  const cut = setTimeout(() => server.closeAllConnections(), times.graceMs);
  await closed;
  clearTimeout(linger);
  clearTimeout(cut);
  clearInterval(sweeping);
  // Ends what the HTTP server runs beside its connections; that it no longer listens is known.
  server.close(() => undefined);
}
