import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { LiveAccountRules } from './account-rules.ts';
import { EndedSignIns } from './ended-sign-ins.ts';
import { LoginAttempts } from './login-attempts.ts';
import { SEEDED_PEOPLE } from './people.ts';
import { createProvider } from './provider.ts';
import { createRevocationsEndpoint } from './revocations-endpoint.ts';
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
  const rules = new LiveAccountRules(deps.folder);
  const ended = await EndedSignIns.open(join(deps.folder, 'ended-sign-ins.json'), deps.now);
  const tokens = await TokenStore.open(join(deps.folder, 'tokens.json'), deps.now, (grantId) => ended.add(grantId));
  const provider = createProvider({ issuer: deps.issuer, people: SEEDED_PEOPLE, secrets, tokens, rules });
  const attempts = new LoginAttempts(deps.now);
  const signIn = createSignIn({ provider, issuer: deps.issuer, people: SEEDED_PEOPLE, attempts, rules });
  const revocations = createRevocationsEndpoint({ rules, ended, clientSecrets: secrets.clientSecrets });
  const oidc = provider.callback();
  const host = new URL(deps.issuer).host;

  const server = createServer((request, response) => {
    // A page elsewhere that rebinds its name to loopback arrives with a foreign Host.
    if (request.headers.host !== host) {
      response.writeHead(421, { 'content-type': 'text/plain' }).end('This server answers for its own address only.');
      return;
    }
    const { url } = request;
    const handle = url?.startsWith('/sign-in/') === true ? signIn : url === '/revocations' ? revocations : oidc;
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
