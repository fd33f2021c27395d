import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { BridgeConnection } from './bridge-connection.ts';
import type { BridgeConnectionDeps } from './bridge-connection.ts';
import type { BrowserSessions } from './browser-sessions.ts';
import { judgeRequest } from './request-guard.ts';

/** What {@link BridgeServer} needs. */
export interface BridgeServerDeps extends BridgeConnectionDeps {
  readonly server: Server;
  readonly port: number;
  readonly sessions: BrowserSessions;
}

/** A prompt may have a million characters, each up to six bytes when escaped. */
const maxMessageBytes = 8 * 1024 * 1024;
const heartbeatMs = 30_000;

/** The WebSocket end of the shell at `/bridge`: admits the app's own windows only, any number of them. */
export class BridgeServer {
  readonly #sockets: WebSocketServer;
  readonly #heartbeat: NodeJS.Timeout;

  constructor(deps: BridgeServerDeps) {
    this.#sockets = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes, perMessageDeflate: false });
    deps.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      const refusal = judgeUpgrade(request, deps);
      if (refusal !== undefined) {
        socket.end(`HTTP/1.1 ${refusal}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (window) => {
        new BridgeConnection(window, deps);
        watchLife(window);
      });
    });
    this.#heartbeat = setInterval(() => this.#checkLife(), heartbeatMs);
    this.#heartbeat.unref();
  }

  /** Tells every window that the shell goes away, and stops. */
  close(): void {
    clearInterval(this.#heartbeat);
    for (const window of this.#sockets.clients) window.close(1001, 'Steward is closing');
    this.#sockets.close();
  }

  #checkLife(): void {
    for (const window of this.#sockets.clients) {
      // A window that sleeps answers late; one whose answer to the last ping never came is gone.
      if (silent.has(window)) window.terminate();
      else {
        silent.add(window);
        window.ping();
      }
    }
  }
}

const silent = new WeakSet<WebSocket>();

function watchLife(window: WebSocket): void {
  window.on('pong', () => silent.delete(window));
  window.on('message', () => silent.delete(window));
}

function judgeUpgrade(request: IncomingMessage, deps: BridgeServerDeps): string | undefined {
  const { host, origin, cookie } = request.headers;
  const refusal = judgeRequest({ method: request.method ?? 'GET', host, origin, upgrade: true }, deps.port);
  if (refusal !== undefined) return `${refusal.status} Refused`;
  if (request.url !== '/bridge') return '404 Not Found';
  return deps.sessions.isAdmitted(cookie) ? undefined : '401 Unauthorized';
}
