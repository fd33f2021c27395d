import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import { createAuthenticator, createServiceTokenSource } from '../../src/index.ts';

let server: Server;
let issuer: string;
let keys: JWK[];
let requests: string[];
let tokenLifetimeSeconds: number;

beforeEach(async () => {
  keys = [];
  requests = [];
  tokenLifetimeSeconds = 600;
  server = createServer((request, response) => {
    requests.push(request.url ?? '');
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      response.setHeader('content-type', 'application/json');
      if (request.url === '/.well-known/openid-configuration') {
        response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/keys`, token_endpoint: `${issuer}/token` }));
      } else if (request.url === '/keys') response.end(JSON.stringify({ keys }));
      else if (request.headers.authorization === `Basic ${btoa('session-service:s3cr%25t')}`) {
        response.end(
          JSON.stringify({
            access_token: `${new URLSearchParams(body).get('resource')} ${requests.length}`,
            expires_in: tokenLifetimeSeconds,
          }),
        );
      } else response.writeHead(401).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  return new Promise<void>((resolve) => server.close(() => resolve()));
});

async function addKey(kid: string): Promise<CryptoKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  keys.push({ ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' });
  return privateKey;
}

function sign(key: CryptoKey, kid: string): Promise<string> {
  return new SignJWT({ tenant_id: 'acme', roles: ['user'] })
    .setProtectedHeader({ alg: 'RS256', kid, typ: 'at+jwt' })
    .setIssuer(issuer)
    .setSubject('alice')
    .setAudience('urn:steward:api')
    .setIssuedAt()
    .setExpirationTime('10m')
    .sign(key);
}

describe('createAuthenticator', () => {
  it('finds the issuer’s keys once and verifies with them', async () => {
    const key = await addKey('one');
    const authenticate = createAuthenticator({ issuer, audiences: ['urn:steward:service:policy', 'urn:steward:api'] });

    const first = await authenticate(await sign(key, 'one'));
    await authenticate(await sign(key, 'one'));

    expect(first).toEqual({
      tenantId: 'acme',
      subject: 'alice',
      roles: ['user'],
      issuedAt: expect.any(Number),
      expiresAt: first.issuedAt + 600,
    });
    expect(requests).toEqual(['/.well-known/openid-configuration', '/keys']);
  });

  it('refuses an unknown key without asking the issuer again and again', async () => {
    const key = await addKey('one');
    const { privateKey: stranger } = await generateKeyPair('RS256');
    const authenticate = createAuthenticator({ issuer, audiences: ['urn:steward:api'] });
    await authenticate(await sign(key, 'one'));

    const attempts = await Promise.allSettled([1, 2, 3].map(async () => authenticate(await sign(stranger, 'two'))));

    expect(attempts.map((attempt) => attempt.status === 'rejected' && attempt.reason.code)).toEqual(
      Array(3).fill('UNAUTHORIZED'),
    );
    expect(requests.filter((url) => url === '/keys')).toHaveLength(1);
  });

  it('goes on when the issuer changes its keys while it runs', async () => {
    const old = await addKey('one');
    const authenticate = createAuthenticator({ issuer, audiences: ['urn:steward:api'], keysCooldownMs: 0 });
    await authenticate(await sign(old, 'one'));

    const fresh = await addKey('two');
    const withBoth = [await authenticate(await sign(old, 'one')), await authenticate(await sign(fresh, 'two'))];

    expect(withBoth.map(({ subject }) => subject)).toEqual(['alice', 'alice']);
    expect(requests.filter((url) => url === '/keys')).toHaveLength(2);
  });

  it('says that the provider is away instead of refusing the token, and recovers', async () => {
    const key = await addKey('one');
    const token = await sign(key, 'one');
    const realIssuer = issuer;
    const authenticate = createAuthenticator({ issuer, audiences: ['urn:steward:api'] });
    issuer = 'http://other.example';

    await expect(authenticate(token)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true });
    issuer = realIssuer;
    await expect(authenticate(token)).resolves.toMatchObject({ subject: 'alice' });
  });
});

describe('createServiceTokenSource', () => {
  const source = (clock?: { now(): Date; monotonicMs(): number }, clientSecret = 's3cr%t') =>
    createServiceTokenSource({
      issuer,
      clientId: 'session-service',
      clientSecret,
      target: 'policy',
      ...(clock === undefined ? {} : { clock }),
    });

  it('fetches one token for many callers and keeps it until shortly before its end', async () => {
    let now = 0;
    const getToken = source({ now: () => new Date(now), monotonicMs: () => now });

    const together = await Promise.all([getToken(), getToken(), getToken()]);
    now = 569_000;
    const cached = await getToken();
    now = 571_000;
    const fresh = await getToken();

    expect(new Set([...together, cached]).size).toBe(1);
    expect(cached).toMatch(/^urn:steward:service:policy /);
    expect(fresh).not.toBe(cached);
  });

  it('names the client when the provider refuses it, and nothing secret', async () => {
    await expect(source(undefined, 'wrong-secret')()).rejects.toMatchObject({
      code: 'INTERNAL_ERROR',
      message: 'The identity provider refused session-service with status 401; check its credentials.',
    });
  });
});
