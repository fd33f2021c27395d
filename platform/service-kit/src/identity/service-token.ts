import { ServiceUnreachableError, StewardError, systemClock } from '@steward/sdk';
import type { Clock } from '@steward/sdk';

/** Gives a valid access token, from cache while it lasts. */
export type TokenSource = () => Promise<string>;

/** How a service gets tokens for calling another. */
export interface ServiceTokenOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Name of the service to be called, such as `policy`. */
  readonly target: string;
  readonly clock?: Clock;
  readonly fetch?: typeof globalThis.fetch;
}

/** Tokens by client credentials for one target service: cached until 30 s before expiry, fetched once at a time. */
export function createServiceTokenSource(options: ServiceTokenOptions): TokenSource {
  const clock = options.clock ?? systemClock;
  let cached: { token: string; validUntilMs: number } | undefined;
  let fetching: Promise<string> | undefined;
  return async () => {
    if (cached !== undefined && clock.now().getTime() < cached.validUntilMs) return cached.token;
    fetching ??= requestToken(options)
      .then(({ token, expiresInSeconds }) => {
        cached = { token, validUntilMs: clock.now().getTime() + (expiresInSeconds - 30) * 1000 };
        return token;
      })
      .finally(() => {
        fetching = undefined;
      });
    return fetching;
  };
}

async function requestToken(options: ServiceTokenOptions): Promise<{ token: string; expiresInSeconds: number }> {
  const endpoint = await tokenEndpointOf(options);
  const basic = Buffer.from(
    `${encodeURIComponent(options.clientId)}:${encodeURIComponent(options.clientSecret)}`,
  ).toString('base64');
  const response = await call(options, endpoint, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      resource: `urn:steward:service:${options.target}`,
    }).toString(),
  });
  const body = (await response.json()) as { access_token?: unknown; expires_in?: unknown };
  if (typeof body.access_token !== 'string') {
    throw new StewardError(
      'INTERNAL_ERROR',
      `The identity provider gave ${options.clientId} no token for ${options.target}.`,
    );
  }
  return { token: body.access_token, expiresInSeconds: typeof body.expires_in === 'number' ? body.expires_in : 60 };
}

async function tokenEndpointOf(options: ServiceTokenOptions): Promise<string> {
  const response = await call(options, `${options.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {});
  const { token_endpoint: endpoint } = (await response.json()) as { token_endpoint?: unknown };
  if (typeof endpoint !== 'string')
    throw new StewardError('INTERNAL_ERROR', `${options.issuer} names no token endpoint.`);
  return endpoint;
}

async function call(options: ServiceTokenOptions, url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await (options.fetch ?? globalThis.fetch)(url, {
      ...init,
      redirect: 'error',
      signal: AbortSignal.timeout(5000),
    });
  } catch (cause) {
    throw new ServiceUnreachableError(`The identity provider could not be reached for ${options.clientId}.`, { cause });
  }
  if (response.ok) return response;
  throw new StewardError(
    'INTERNAL_ERROR',
    `The identity provider refused ${options.clientId} with status ${response.status}; check its credentials.`,
  );
}
