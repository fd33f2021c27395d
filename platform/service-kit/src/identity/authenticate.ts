import { createRemoteJWKSet, jwtVerify } from 'jose';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { StewardError, systemClock } from '@steward/sdk';
import type { Clock } from '@steward/sdk';
import { BoundedMap } from './bounded-map.ts';
import { endpointOf, fetchProviderMetadata, once } from './provider-metadata.ts';
import type { RevocationCheck } from './revocation.ts';
import { identityUnavailable } from './revocation.ts';
import type { VerifiedToken } from './verified-token.ts';

/**
 * Verifies an access token: UNAUTHORIZED when it is not, or no longer, good; SERVICE_UNAVAILABLE when the identity
 * provider could not be asked.
 */
export type Authenticator = (token: string) => Promise<VerifiedToken>;

/** How tokens are verified. */
export interface AuthenticatorOptions {
  readonly issuer: string;
  /** Any of these must be in `aud`. */
  readonly audiences: readonly string[];
  /** Accepted `typ` headers; `at+jwt` (RFC 9068) unless given. */
  readonly tokenTypes?: readonly string[];
  /** Finds the key of a token; the issuer's published keys unless given. */
  readonly keys?: JWTVerifyGetKey;
  /** Shortest pause between two fetches of the keys for an unknown key id; 30 s unless given. */
  readonly keysCooldownMs?: number;
  /** Asked for every request, also where the signature was checked before; tokens only expire unless given. */
  readonly revocation?: RevocationCheck;
  readonly clock?: Clock;
}

/** Longest life of an access token in seconds; longer ones are refused whoever signed them. */
export const maxTokenSeconds = 600;

/** How far the provider's clock may be off, in seconds. */
const skewSeconds = 5;

/** How long a checked signature is believed before the key is looked up again. */
const signatureCacheMs = 60_000;

const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'];
const tenantShape = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/;

interface Checked {
  readonly verified: VerifiedToken;
  readonly checkedAtMs: number;
}

function isOld({ checkedAtMs }: Checked, now: Date): boolean {
  return now.getTime() - checkedAtMs >= signatureCacheMs;
}

/**
 * Verifies as RFC 8725 asks: signature (allow-listed algorithms only), issuer, audience, `typ`, `exp`, `nbf` and `iat`
 * with 5 s of skew, a life of ten minutes at most, then the claims that a caller is made of, then revocation. Keys are
 * fetched on first use, kept ten minutes, and fetched again at most every 30 s for an unknown key id. A checked
 * signature is remembered for a minute and forgotten with the next new one; times and revocation are looked at on every call.
 */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const clock = options.clock ?? systemClock;
  const keys = options.keys ?? keysOfIssuer(options);
  const checked = new BoundedMap<Checked>(10_000);
  const checkSignature = async (token: string, now: Date): Promise<VerifiedToken> => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: options.issuer,
        audience: [...options.audiences],
        algorithms,
        currentDate: now,
        clockTolerance: skewSeconds,
        requiredClaims: ['exp', 'iat', 'sub', 'tenant_id', 'roles'],
      }).then((result) => {
        assertType(result.protectedHeader.typ, options.tokenTypes ?? ['at+jwt']);
        return result;
      });
      return readClaims(payload);
    } catch (cause) {
      throw refusal(cause);
    }
  };
  return async (token) => {
    const now = clock.now();
    const known = checked.get(token);
    let verified: VerifiedToken;
    if (known !== undefined && !isOld(known, now)) verified = known.verified;
    else {
      verified = await checkSignature(token, now);
      checked.set(token, { verified, checkedAtMs: now.getTime() });
      // Tokens are renewed every few minutes; those of yesterday's people would stay until ten thousand others came.
      checked.forgetOldest((entry) => isOld(entry, now));
    }
    assertTimes(verified, now);
    await options.revocation?.(verified, token);
    return verified;
  };
}

function keysOfIssuer(options: AuthenticatorOptions): JWTVerifyGetKey {
  const found = once(async () =>
    createRemoteJWKSet(endpointOf(await fetchProviderMetadata(options.issuer), 'jwks_uri'), {
      cooldownDuration: options.keysCooldownMs ?? 30_000,
      timeoutDuration: 5000,
    }),
  );
  return async (header, token) => (await found())(header, token);
}

function assertType(typ: unknown, allowed: readonly string[]): void {
  const given = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : undefined;
  if (given !== undefined && allowed.some((type) => type.toLowerCase() === given)) return;
  throw new StewardError('UNAUTHORIZED', 'The token is not an access token; sign in again and send the access token.');
}

function assertTimes({ issuedAt, expiresAt }: VerifiedToken, now: Date): void {
  const seconds = now.getTime() / 1000;
  if (expiresAt <= seconds - skewSeconds)
    throw new StewardError('UNAUTHORIZED', 'The access token has expired; sign in again.');
  if (issuedAt > seconds + skewSeconds)
    throw new StewardError('UNAUTHORIZED', 'The access token is issued in the future; check the clocks.');
  if (expiresAt - issuedAt > maxTokenSeconds) {
    throw new StewardError(
      'UNAUTHORIZED',
      `The access token lives longer than ${maxTokenSeconds} seconds; ask an admin to shorten it at the identity provider.`,
    );
  }
}

function refusal(cause: unknown): StewardError {
  if (cause instanceof StewardError) return cause;
  const code = (cause as { code?: unknown }).code;
  const isAboutToken =
    typeof code === 'string' && /^ERR_(JW[ST]|JOSE_ALG|JOSE_NOT_SUPPORTED|JWKS_(NO_MATCHING|MULTIPLE))/.test(code);
  if (isAboutToken) {
    const reason = code === 'ERR_JWT_EXPIRED' ? 'has expired' : 'is not valid here';
    return new StewardError('UNAUTHORIZED', `The access token ${reason}; sign in again.`, { cause });
  }
  return identityUnavailable('The keys of the identity provider could not be fetched', cause);
}

function readClaims(payload: JWTPayload): VerifiedToken {
  const { sub, tenant_id: tenantId, roles, jti, sid, iat, exp } = payload as JWTPayload & Record<string, unknown>;
  const rolesAreWords = Array.isArray(roles) && roles.length <= 50 && roles.every((role) => typeof role === 'string');
  if (typeof sub !== 'string' || sub === '' || sub.length > 200) throw claimError('sub');
  if (typeof tenantId !== 'string' || !tenantShape.test(tenantId)) throw claimError('tenant_id');
  if (!rolesAreWords) throw claimError('roles');
  const clientId = payload['client_id'] ?? payload['azp'];
  return {
    tenantId,
    subject: sub,
    roles: roles as string[],
    ...(typeof clientId === 'string' ? { clientId } : {}),
    ...(typeof jti === 'string' ? { tokenId: jti } : {}),
    ...(typeof sid === 'string' ? { signInId: sid } : {}),
    issuedAt: iat as number,
    expiresAt: exp as number,
  };
}

function claimError(claim: string): StewardError {
  return new StewardError(
    'UNAUTHORIZED',
    `The claim ${claim} of the access token is not usable; ask an admin to check the account.`,
  );
}
