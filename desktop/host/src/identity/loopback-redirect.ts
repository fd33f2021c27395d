import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { finishPage } from './finish-page.ts';
import type { FinishedSignIn } from './finish-page.ts';

/** What {@link LoopbackRedirect.open} needs. */
export interface LoopbackRedirectOptions {
  /** Handles the callback's full address; its answer decides the page. Called for the first callback only. */
  readonly onCallback: (callback: URL) => Promise<FinishedSignIn>;
  /** Where the page leads at once; undefined says that the tab can be closed. */
  readonly returnTo: string | undefined;
}

/**
 * Listens for the one redirect of a sign-in on 127.0.0.1 and a random port (RFC 8252 §7.3); open only while someone
 * signs in. `close` is idempotent and drops open connections.
 */
export class LoopbackRedirect {
  readonly #server: Server;
  readonly redirectUri: string;

  private constructor(server: Server, redirectUri: string) {
    this.#server = server;
    this.redirectUri = redirectUri;
  }

  static async open(options: LoopbackRedirectOptions): Promise<LoopbackRedirect> {
    let used = false;
    const server = createServer((request, response) => {
      const { port } = server.address() as AddressInfo;
      const origin = `http://127.0.0.1:${port}`;
      const url = parseTarget(request.url, origin);
      const known =
        request.method === 'GET' && request.headers.host === `127.0.0.1:${port}` && url?.pathname === '/callback';
      if (!known || url === undefined || used) {
        response.writeHead(404, { 'content-type': 'text/plain', connection: 'close' }).end('Nothing is here.');
        return;
      }
      used = true;
      void options.onCallback(url).then((finished) => {
        const page = finishPage(finished, options.returnTo);
        response
          .writeHead(finished.ok ? 200 : 400, {
            'cache-control': 'no-store',
            'referrer-policy': 'no-referrer',
            connection: 'close',
            ...page.headers,
          })
          .end(page.html);
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return new LoopbackRedirect(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`);
  }

  /** Stops listening; an answer already on its way is finished first. */
  close(): void {
    this.#server.close();
    this.#server.closeIdleConnections();
  }
}

function parseTarget(target: string | undefined, origin: string): URL | undefined {
  try {
    return new URL(target ?? '', origin);
  } catch {
    return undefined;
  }
}
