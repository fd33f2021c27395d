import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { readFile, stat } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { signInByHttp } from '../../src/token/sign-in-by-http.ts';
import { startIdentityServer } from '../support/start-identity-server.ts';
import type { RunningIdentityServer } from '../support/start-identity-server.ts';

// Real processes and sockets: a busy machine must not turn a slow answer into a failure.
let identity: RunningIdentityServer;
beforeAll(async () => {
  identity = await startIdentityServer();
});
afterAll(async () => identity.stop());

function verify(token: string, audience: string): ReturnType<typeof jwtVerify> {
  const keys = createRemoteJWKSet(new URL('/jwks', identity.issuer));
  return jwtVerify(token, keys, { issuer: identity.issuer, audience, algorithms: ['RS256'] });
}

async function refresh(refreshToken: string): Promise<Response> {
  return fetch(new URL('/token', identity.issuer), {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: 'steward-desktop',
      refresh_token: refreshToken,
    }),
  });
}

async function serviceToken(body: Record<string, string>): Promise<Response> {
  const secrets = JSON.parse(await readFile(join(identity.folder, 'secrets.json'), 'utf8'));
  const basic = Buffer.from(`session-service:${secrets.clientSecrets['session-service']}`).toString('base64');
  return fetch(new URL('/token', identity.issuer), {
    method: 'POST',
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...body }),
  });
}

describe('a person who signs in', () => {
  it.each([
    ['alice', 'acme', ['user']],
    ['bob', 'acme', ['user', 'approver']],
    ['carol', 'acme', ['admin']],
    ['dave', 'acme', ['auditor']],
    ['erin', 'acme', ['operator']],
    ['mallory', 'globex', ['user', 'admin']],
  ])('gets an access token that says who %s is', async (name, tenant, roles) => {
    const tokens = await signInByHttp({ issuer: identity.issuer, name, password: name });

    const { payload, protectedHeader } = await verify(tokens.access_token, 'urn:steward:api');
    expect(protectedHeader).toMatchObject({ typ: 'at+jwt', alg: 'RS256' });
    expect(payload).toEqual({
      iss: identity.issuer,
      aud: 'urn:steward:api',
      sub: name,
      tenant_id: tenant,
      roles,
      name: expect.any(String),
      scope: 'openid profile offline_access',
      client_id: 'steward-desktop',
      jti: expect.any(String),
      sid: expect.any(String),
      iat: expect.any(Number),
      exp: (payload.iat ?? 0) + 600,
    });
  });

  it('gets an id token with the same tenant, roles and name', async () => {
    const tokens = await signInByHttp({ issuer: identity.issuer, name: 'bob', password: 'bob' });

    const { payload } = await verify(tokens.id_token, 'steward-desktop');
    expect(payload).toMatchObject({ sub: 'bob', tenant_id: 'acme', roles: ['user', 'approver'], name: 'Bob' });
  });

  it.each([
    ['alice', 'bob'],
    ['nobody', 'nobody'],
    ['', ''],
    ['alice', '\u0000unknown'],
  ])('is refused as %j with the password %j', async (name, password) => {
    const attempt = signInByHttp({ issuer: identity.issuer, name, password });

    await expect(attempt).rejects.toThrow('Name and password do not match.');
  });
});

describe('a refresh token', () => {
  it('is replaced when used, keeps the audience, and its reuse ends the whole grant', async () => {
    const first = await signInByHttp({ issuer: identity.issuer, name: 'alice', password: 'alice' });

    const rotated = (await (await refresh(first.refresh_token)).json()) as typeof first;
    const reused = await refresh(first.refresh_token);
    const afterReuse = await refresh(rotated.refresh_token);

    expect(rotated.refresh_token).not.toBe(first.refresh_token);
    expect((await verify(rotated.access_token, 'urn:steward:api')).payload.sub).toBe('alice');
    expect([reused.status, afterReuse.status]).toEqual([400, 400]);
  });

  it('survives a restart of the provider', async () => {
    const tokens = await signInByHttp({ issuer: identity.issuer, name: 'alice', password: 'alice' });

    await identity.restart();
    const response = await refresh(tokens.refresh_token);

    expect(response.status).toBe(200);
  });

  it('works no more after it was revoked', async () => {
    const tokens = await signInByHttp({ issuer: identity.issuer, name: 'alice', password: 'alice' });

    await fetch(new URL('/token/revocation', identity.issuer), {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'steward-desktop', token: tokens.refresh_token }),
    });
    const response = await refresh(tokens.refresh_token);

    expect(response.status).toBe(400);
  });
});

describe('a service', () => {
  it('gets a token for the service it names, as itself', async () => {
    const response = await serviceToken({ resource: 'urn:steward:service:policy' });

    const { access_token: token } = (await response.json()) as { access_token: string };
    const { payload } = await verify(token, 'urn:steward:service:policy');
    expect(payload).toMatchObject({ sub: 'session-service', roles: ['service'], tenant_id: 'system' });
  });

  it.each([{}, { resource: 'urn:steward:api' }, { resource: 'urn:steward:service:other' }])(
    'is refused a token for %j',
    async (body) => {
      const response = await serviceToken(body as Record<string, string>);

      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: 'invalid_target' });
    },
  );
});

describe('an authorization request', () => {
  const ask = (parameters: Record<string, string>): Promise<Response> => {
    const url = new URL('/auth', identity.issuer);
    url.search = new URLSearchParams({
      client_id: 'steward-desktop',
      response_type: 'code',
      redirect_uri: 'http://127.0.0.1:39999/any/path',
      scope: 'openid',
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
      ...parameters,
    }).toString();
    return fetch(url, { redirect: 'manual', headers: { accept: 'text/html' } });
  };

  it('reaches the sign-in page for any loopback port and path', async () => {
    const response = await ask({});

    expect(response.headers.get('location')).toMatch(/\/sign-in\//);
  });

  it.each(['https://example.com/cb', 'http://127.0.0.1.example.com/', 'http://user@127.0.0.1/', 'http://localhost/cb'])(
    'is refused with the redirect %s',
    async (redirect) => {
      const response = await ask({ redirect_uri: redirect });

      expect(response.status).toBe(400);
      expect(response.headers.get('location')).toBeNull();
    },
  );

  it('is refused without S256', async () => {
    const response = await ask({ code_challenge_method: 'plain' });

    expect(new URL(response.headers.get('location') ?? '').searchParams.get('error')).toBe('invalid_request');
  });

  it('is refused when it arrives under another host name', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      get(new URL('/jwks', identity.issuer), { headers: { host: 'evil.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on('error', reject);
    });

    expect(status).toBe(421);
  });
});

describe('the sign-in page', () => {
  const open = async (): Promise<{ url: URL; cookie: string }> => {
    const authorize = new URL('/auth', identity.issuer);
    authorize.search = new URLSearchParams({
      client_id: 'steward-desktop',
      response_type: 'code',
      redirect_uri: 'http://127.0.0.1:39999/callback',
      scope: 'openid',
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
    }).toString();
    const response = await fetch(authorize, { redirect: 'manual' });
    const cookies = response.headers.getSetCookie().map((line) => line.split(';', 1)[0] ?? '');
    return { url: new URL(response.headers.get('location') ?? '', identity.issuer), cookie: cookies.join('; ') };
  };

  it('runs no scripts and lets a browser name its own origin', async () => {
    const { url, cookie } = await open();

    const page = await fetch(url, { headers: { cookie } });

    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; /);
    expect(page.headers.get('referrer-policy')).toBe('same-origin');
    expect(await page.text()).toContain('Local sign-in');
  });

  it.each([
    ['http://evil.example', 403],
    ['null', 403],
  ])('refuses a form from the origin %s', async (origin, status) => {
    const { url, cookie } = await open();

    const body = new URLSearchParams({ name: 'alice', password: 'alice' });
    const response = await fetch(url, { method: 'POST', headers: { cookie, origin }, body, redirect: 'manual' });

    expect(response.status).toBe(status);
  });

  it('shows nothing to another browser', async () => {
    const { url } = await open();

    const response = await fetch(url);

    expect(response.status).toBe(400);
    expect(await response.text()).toContain('has expired or belongs to another browser');
  });

  it('refuses an oversized form', async () => {
    const { url, cookie } = await open();

    const body = new URLSearchParams({ name: 'a'.repeat(10_000) });
    const response = await fetch(url, { method: 'POST', headers: { cookie, origin: identity.issuer }, body });

    expect(response.status).toBe(413);
  });
});

describe('the secrets of a home', () => {
  it('are readable by their owner only', async () => {
    const modes = await Promise.all(
      ['secrets.json', 'tokens.json'].map(async (file) => (await stat(join(identity.folder, file))).mode & 0o777),
    );

    expect(modes).toEqual([0o600, 0o600]);
  });
});
