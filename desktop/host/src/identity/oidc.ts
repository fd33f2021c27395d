import * as client from 'openid-client';
import { StewardError } from '@steward/sdk';
import { isLoopbackUrl } from './loopback.ts';

const resource = 'urn:steward:api';
const scope = 'openid offline_access profile';

/** Tokens of one answer of the provider. */
export interface TokenSet {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  readonly expiresInSeconds: number;
  /** Claims of the verified id token; undefined when the answer had none. */
  readonly claims: Readonly<Record<string, unknown>> | undefined;
}

/** One sign-in under way: the page to open, and the exchange of what comes back. */
export interface AuthorizationRequest {
  readonly url: URL;
  /** Checks state, nonce, issuer and PKCE, and trades the code. `callback` is the full address that was called. */
  exchange(callback: URL): Promise<TokenSet>;
}

/** What the host asks of an identity provider. */
export interface Oidc {
  authorize(redirectUri: string): Promise<AuthorizationRequest>;
  refresh(refreshToken: string): Promise<TokenSet>;
  revoke(refreshToken: string): Promise<void>;
}

/** Which provider to use, as whom, and how to reach it. */
export interface OidcProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly fetch: typeof globalThis.fetch;
}

/**
 * A client of one issuer by authorization code with PKCE. Discovery happens on first use and again after a failure.
 * Plain HTTP is accepted for an issuer on loopback only.
 */
export function createOidc(provider: OidcProvider): Oidc {
  let configuration: Promise<client.Configuration> | undefined;
  const discovered = (): Promise<client.Configuration> => {
    configuration ??= discover(provider).catch((error: unknown) => {
      configuration = undefined;
      throw error;
    });
    return configuration;
  };
  return {
    authorize: async (redirectUri) => startAuthorization(await discovered(), redirectUri),
    refresh: async (refreshToken) =>
      toTokenSet(await client.refreshTokenGrant(await discovered(), refreshToken, { resource })),
    revoke: async (refreshToken) =>
      client.tokenRevocation(await discovered(), refreshToken, { token_type_hint: 'refresh_token' }),
  };
}

async function discover({ issuer, clientId, fetch }: OidcProvider): Promise<client.Configuration> {
  const insecure = issuer.startsWith('http:') && isLoopbackUrl(issuer);
  return client.discovery(new URL(issuer), clientId, { token_endpoint_auth_method: 'none' }, client.None(), {
    timeout: 10,
    [client.customFetch]: (url, options) => fetch(url, options as RequestInit),
    ...(insecure ? { execute: [client.allowInsecureRequests] } : {}),
  });
}

async function startAuthorization(
  configuration: client.Configuration,
  redirectUri: string,
): Promise<AuthorizationRequest> {
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const nonce = client.randomNonce();
  const url = client.buildAuthorizationUrl(configuration, {
    redirect_uri: redirectUri,
    scope,
    resource,
    state,
    nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    // Without this a provider may leave out the refresh token (OpenID Connect Core §11).
    prompt: 'consent',
  });
  return {
    url,
    exchange: async (callback) =>
      toTokenSet(
        await client.authorizationCodeGrant(
          configuration,
          callback,
          { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true },
          { resource },
        ),
      ),
  };
}

function toTokenSet(answer: client.TokenEndpointResponse & client.TokenEndpointResponseHelpers): TokenSet {
  if (answer.token_type.toLowerCase() !== 'bearer') {
    throw new StewardError(
      'UNAUTHORIZED',
      `The identity provider answered a token of type ${answer.token_type}; bearer is needed.`,
    );
  }
  return {
    accessToken: answer.access_token,
    refreshToken: answer.refresh_token,
    expiresInSeconds: answer.expires_in ?? 300,
    claims: answer.claims(),
  };
}

/** True when the provider said that this grant is over, so that only a new sign-in helps. */
export function isGrantOver(error: unknown): boolean {
  return (
    error instanceof client.ResponseBodyError && (error.error === 'invalid_grant' || error.error === 'invalid_client')
  );
}
