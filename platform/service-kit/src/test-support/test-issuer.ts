import { SignJWT, createLocalJWKSet, exportJWK, generateKeyPair } from 'jose';
import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose';
import { createAuthenticator } from '../identity/authenticate.ts';
import type { Authenticator } from '../identity/authenticate.ts';

/** Whose token to make; the defaults are alice, a user of acme. */
export interface TokenRequest {
  readonly tenantId?: string;
  readonly sub?: string;
  readonly roles?: readonly string[];
  readonly audience?: string;
  /** When it is made; the present unless given. */
  readonly now?: Date;
  /** Seconds from then; 600 unless given, negative for an expired token. */
  readonly expiresInSeconds?: number;
  /** How long ago it was issued; 0 unless given. */
  readonly issuedAgoSeconds?: number;
  /** False: the token does not say when it was issued. */
  readonly saysIssueTime?: boolean;
  /** Claims that replace or join the others; undefined removes one. */
  readonly claims?: Record<string, unknown>;
  /** `at+jwt` unless given. */
  readonly typ?: string;
}

/** An identity provider inside the test: real keys, real signatures, no network. */
export interface TestIssuer {
  readonly issuer: string;
  readonly audience: string;
  readonly jwks: JSONWebKeySet;
  readonly keys: JWTVerifyGetKey;
  /** Ready to be given to `createApp`. */
  readonly authenticate: Authenticator;
  tokenFor(request?: TokenRequest): Promise<string>;
}

/** A fresh issuer with one ES256 key. */
export async function createTestIssuer(): Promise<TestIssuer> {
  const issuer = 'http://issuer.test';
  const audience = 'urn:steward:api';
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'test', alg: 'ES256', use: 'sig' }] };
  const keys = createLocalJWKSet(jwks);
  return {
    issuer,
    audience,
    jwks,
    keys,
    authenticate: createAuthenticator({ issuer, audiences: [audience], keys }),
    tokenFor: (request = {}) => {
      const now = Math.floor((request.now?.getTime() ?? Date.now()) / 1000);
      const claims = { tenant_id: request.tenantId ?? 'acme', roles: request.roles ?? ['user'], ...request.claims };
      const issuedAt = now + Math.min(0, request.expiresInSeconds ?? 600) - (request.issuedAgoSeconds ?? 0);
      const token = new SignJWT(claims)
        .setProtectedHeader({ alg: 'ES256', kid: 'test', typ: request.typ ?? 'at+jwt' })
        .setIssuer(issuer)
        .setSubject(request.sub ?? 'alice')
        .setAudience(request.audience ?? audience)
        .setExpirationTime(now + (request.expiresInSeconds ?? 600));
      if (request.saysIssueTime !== false) token.setIssuedAt(issuedAt);
      return token.sign(privateKey);
    },
  };
}
