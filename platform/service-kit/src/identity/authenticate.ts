import { createRemoteJWKSet, jwtVerify } from 'jose';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { StewardError, systemClock } from '@steward/sdk';
import type { Clock } from '@steward/sdk';

/** What a verified access token says. */
export interface VerifiedToken {
  readonly tenantId: string;
  readonly subject: string;
  readonly roles: readonly string[];
}

/** Verifies an access token or throws UNAUTHORIZED. */
export type Authenticator = (token: string) => Promise<VerifiedToken>;

/** How tokens are verified. */
export interface AuthenticatorOptions {
  readonly issuer: string;
  /** Any of these must be in `aud`. */
  readonly audiences: readonly string[];
  /** Finds the key of a token; the issuer's published keys unless given. */
  readonly keys?: JWTVerifyGetKey;
  readonly clock?: Clock;
}

const algorithms = ['RS256', 'ES256', 'EdDSA'];
const tenantShape = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/;

/**
 * Verifies signature (allow-listed algorithms), issuer, audience, times and `typ: at+jwt`, then the claims that a
 * caller is made of. Keys are fetched on first use, cached, and refetched at most every 30 s for an unknown key id.
 */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const clock = options.clock ?? systemClock;
  const keys = options.keys ?? keysOfIssuer(options.issuer);
  return async (token) => {
    let payload: JWTPayload;
    try {
      ({ payload } = await jwtVerify(token, keys, {
        issuer: options.issuer,
        audience: [...options.audiences],
        algorithms,
        typ: 'at+jwt',
        currentDate: clock.now(),
        requiredClaims: ['exp', 'sub', 'tenant_id', 'roles'],
      }));
    } catch (cause) {
      throw refusal(cause);
    }
    return readClaims(payload);
  };
}

function keysOfIssuer(issuer: string): JWTVerifyGetKey {
  let found: Promise<JWTVerifyGetKey> | undefined;
  return async (header, token) => {
    found ??= discover(issuer).catch((error: unknown) => {
      found = undefined;
      throw error;
    });
    return (await found)(header, token);
  };
}

async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(5000) });
  if (!response.ok) throw new KeysUnavailableError(`${url} answered ${response.status}.`);
  const configuration = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown };
  if (configuration.issuer !== issuer || typeof configuration.jwks_uri !== 'string') {
    throw new KeysUnavailableError(`${url} does not describe the issuer ${issuer}.`);
  }
  return createRemoteJWKSet(new URL(configuration.jwks_uri), { cooldownDuration: 30_000, timeoutDuration: 5000 });
}

class KeysUnavailableError extends Error {}

function refusal(cause: unknown): StewardError {
  const code = (cause as { code?: unknown }).code;
  const isAboutToken =
    typeof code === 'string' && /^ERR_(JW[ST]|JOSE_ALG|JOSE_NOT_SUPPORTED|JWKS_(NO_MATCHING|MULTIPLE))/.test(code);
  if (isAboutToken) {
    const reason = code === 'ERR_JWT_EXPIRED' ? 'has expired' : 'is not valid here';
    return new StewardError('UNAUTHORIZED', `The access token ${reason}; sign in again.`, { cause });
  }
  return new StewardError(
    'INTERNAL_ERROR',
    'The keys of the identity provider could not be fetched; try again in a moment.',
    { cause },
  );
}

function readClaims(payload: JWTPayload): VerifiedToken {
  const { sub, tenant_id: tenantId, roles } = payload as JWTPayload & { tenant_id?: unknown; roles?: unknown };
  const rolesAreWords = Array.isArray(roles) && roles.length <= 50 && roles.every((role) => typeof role === 'string');
  if (typeof sub !== 'string' || sub === '' || sub.length > 200) throw claimError('sub');
  if (typeof tenantId !== 'string' || !tenantShape.test(tenantId)) throw claimError('tenant_id');
  if (!rolesAreWords) throw claimError('roles');
  return { tenantId, subject: sub, roles: roles as string[] };
}

function claimError(claim: string): StewardError {
  return new StewardError(
    'UNAUTHORIZED',
    `The claim ${claim} of the access token is not usable; ask an admin to check the account.`,
  );
}
