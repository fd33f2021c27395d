import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { LoginAttempts } from './login-attempts.ts';
import { SEEDED_PEOPLE } from './people.ts';
import { createProvider } from './provider.ts';
import { loadIdentitySecrets } from './secrets.ts';
import { createSignIn } from './sign-in.ts';
import { TokenStore } from './token-store.ts';

/** What {@link createIdentityServer} needs. */
export interface IdentityServerDeps {
  /** Exact origin under which the server will be reached. */
  readonly issuer: string;
  /** Private folder of signing keys, client secrets and tokens. */
  readonly folder: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** A built, not yet listening identity provider; `close` waits until its tokens are on disk. */
export interface IdentityServer {
  readonly server: Server;
  close(): Promise<void>;
}

/** Builds the identity provider of one home. */
export async function createIdentityServer(deps: IdentityServerDeps): Promise<IdentityServer> {
  const secrets = await loadIdentitySecrets(deps.folder);
  const tokens = await TokenStore.open(join(deps.folder, 'tokens.json'), deps.now);
  const provider = createProvider({ issuer: deps.issuer, people: SEEDED_PEOPLE, secrets, tokens });
  const attempts = new LoginAttempts(deps.now);
  const signIn = createSignIn({ provider, issuer: deps.issuer, people: SEEDED_PEOPLE, attempts });
  const oidc = provider.callback();
  const host = new URL(deps.issuer).host;

  const server = createServer((request, response) => {
    // A page elsewhere that rebinds its name to loopback arrives with a foreign Host.
    if (request.headers.host !== host) {
      response.writeHead(421, { 'content-type': 'text/plain' }).end('This server answers for its own address only.');
      return;
    }
    const handle = request.url?.startsWith('/sign-in/') === true ? signIn : oidc;
    Promise.resolve(handle(request, response)).catch(() => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
      response.end('The sign-in failed. Start it again.');
    });
  });
  return {
    server,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await tokens.close();
    },
  };
}
