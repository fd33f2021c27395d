import { createAuthenticator } from '@steward/service-kit';
import type { Authenticator } from '@steward/service-kit';
import { SignJWT, createLocalJWKSet, exportJWK, generateKeyPair } from 'jose';

/** What a token says; everything has the right value unless given. */
export interface Claims {
  readonly tenantId: string;
  readonly sub: string;
  readonly roles: readonly string[];
  readonly issuer?: string;
  readonly audience?: string;
  readonly typ?: string;
  readonly expiresInSeconds?: number;
  /** Signed by a key that nobody published. */
  readonly strangeKey?: boolean;
}

/** An identity provider whose every claim the matrix can get wrong. */
export interface MatrixIssuer {
  readonly authenticate: Authenticator;
  mint(claims: Claims): Promise<string>;
}

/** A fresh provider with one published key. */
export async function createMatrixIssuer(): Promise<MatrixIssuer> {
  const issuer = 'https://issuer.test';
  const audience = 'urn:steward:api';
  const published = await generateKeyPair('ES256', { extractable: true });
  const strange = await generateKeyPair('ES256');
  const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(published.publicKey)), kid: 'k1', alg: 'ES256' }] });
  return {
    authenticate: createAuthenticator({ issuer, audiences: [audience], keys }),
    mint: (claims) => {
      const now = Math.floor(Date.now() / 1000);
      const life = claims.expiresInSeconds ?? 600;
      return new SignJWT({ tenant_id: claims.tenantId, roles: claims.roles })
        .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ: claims.typ ?? 'at+jwt' })
        .setIssuer(claims.issuer ?? issuer)
        .setAudience(claims.audience ?? audience)
        .setSubject(claims.sub)
        .setIssuedAt(now + Math.min(0, life))
        .setExpirationTime(now + life)
        .sign(claims.strangeKey === true ? strange.privateKey : published.privateKey);
    },
  };
}
