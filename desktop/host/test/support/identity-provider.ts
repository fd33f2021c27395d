import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import type { Configuration } from 'oidc-provider';

/** A real OpenID provider on loopback in which `alice` signs in without a form. */
export interface TestIdentityProvider {
  readonly issuer: string;
  /** Grants given to refresh requests so far. */
  refreshes(): number;
  /** Follows an authorization page as a browser would; resolves with the last answer (the loopback page's). */
  browse(page: URL | string): Promise<Response>;
  /** Ends every grant, so that refreshing fails. */
  revokeAll(): void;
  stop(): Promise<void>;
}

/** Starts the provider; `accessTokenSeconds` is the life of its access tokens. */
export async function startIdentityProvider(accessTokenSeconds: number = 600): Promise<TestIdentityProvider> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let refreshes = 0;
  let revoked = false;
  const provider = quietly(() => new Provider(issuer, configuration(accessTokenSeconds)));
  provider.Client.prototype.redirectUriAllowed = (uri: string) => new URL(uri).hostname === '127.0.0.1';
  provider.on('grant.success', (context) => {
    if (context.oidc.params?.['grant_type'] === 'refresh_token') refreshes += 1;
  });
  const handle = provider.callback();
  server.on('request', (request, response) => {
    if (revoked && request.url === '/token') {
      response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}');
      return;
    }
    if (request.url?.startsWith('/interaction/') === true) {
      void (async () => {
        const interaction = await provider.interactionDetails(request, response);
        const grant = new provider.Grant({ accountId: 'alice', clientId: String(interaction.params['client_id']) });
        grant.addOIDCScope('openid profile offline_access');
        grant.addResourceScope('urn:steward:api', 'openid profile offline_access');
        await provider.interactionFinished(request, response, {
          login: { accountId: 'alice' },
          consent: { grantId: await grant.save() },
        });
      })();
      return;
    }
    void handle(request, response);
  });
  return {
    issuer,
    refreshes: () => refreshes,
    browse: async (page) => browse(page),
    revokeAll: () => {
      revoked = true;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** The provider warns about its in-memory store and keys, which are what a test wants. */
function quietly<T>(make: () => T): T {
  const { warn } = console;
  console.warn = () => undefined;
  try {
    return make();
  } finally {
    console.warn = warn;
  }
}

async function browse(page: URL | string): Promise<Response> {
  const cookies = new Map<string, string>();
  let url = String(page);
  for (let hop = 0; hop < 10; hop += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, { redirect: 'manual', headers: cookie === '' ? {} : { cookie } });
    for (const set of answer.headers.getSetCookie()) {
      const [pair = ''] = set.split(';');
      cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    const location = answer.headers.get('location');
    if (location === null || answer.status < 300 || answer.status > 399) return answer;
    url = new URL(location, url).href;
  }
  throw new Error('Too many redirects.');
}

function configuration(accessTokenSeconds: number): Configuration {
  return {
    clients: [
      {
        client_id: 'steward-desktop',
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: ['http://127.0.0.1/callback'],
        scope: 'openid profile offline_access',
      },
    ],
    scopes: ['openid', 'profile', 'offline_access'],
    claims: { openid: ['sub', 'tenant_id', 'roles'], profile: ['name'] },
    conformIdTokenClaims: false,
    clientAuthMethods: ['none'],
    pkce: { required: () => true },
    cookies: { keys: ['test'] },
    findAccount: (_context, name) => ({
      accountId: name,
      claims: () => ({ sub: name, tenant_id: 'acme', roles: ['user'], name: 'Alice' }),
    }),
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    ttl: {
      AccessToken: accessTokenSeconds,
      RefreshToken: 3600,
      IdToken: 600,
      Grant: 3600,
      Interaction: 600,
      Session: 3600,
    },
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:steward:api',
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          audience: 'urn:steward:api',
          scope: 'openid profile offline_access',
          accessTokenFormat: 'jwt',
          accessTokenTTL: accessTokenSeconds,
        }),
      },
    },
  };
}
