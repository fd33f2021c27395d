import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createIntrospection, createRevocationList } from '../../src/index.ts';
import type { Revocation, VerifiedToken } from '../../src/index.ts';
import { createManualClock } from '../../src/test-support/index.ts';

let server: Server;
let issuer: string;
let isAway: boolean;
let revoked: Revocation[];
let inactive: string[];
let asked: string[];
let clock: ReturnType<typeof createManualClock>;

beforeEach(async () => {
  isAway = false;
  revoked = [];
  inactive = [];
  asked = [];
  clock = createManualClock();
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      asked.push(`${request.method} ${request.url} ${body}`);
      response.setHeader('content-type', 'application/json');
      if (isAway) response.writeHead(503).end();
      else if (request.url === '/.well-known/openid-configuration')
        response.end(JSON.stringify({ issuer, introspection_endpoint: `${issuer}/introspect` }));
      else if (request.headers.authorization !== `Basic ${btoa('policy-service:s3cr%25t')}`)
        response.writeHead(401).end();
      else if (request.url === '/revocations') response.end(JSON.stringify({ revoked }));
      else response.end(JSON.stringify({ active: !inactive.includes(new URLSearchParams(body).get('token') ?? '') }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  return new Promise<void>((resolve) => server.close(() => resolve()));
});

const client = { id: 'policy-service', secret: 's3cr%t' };
const alice: VerifiedToken = {
  tenantId: 'acme',
  subject: 'alice',
  roles: ['user'],
  tokenId: 'token-1',
  signInId: 'laptop',
  issuedAt: 1000,
  expiresAt: 1600,
};

const outcomeOf = async (check: () => Promise<void> | void): Promise<string> => {
  try {
    await check();
    return 'good';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('a list of revocations', () => {
  const listCheck = () => {
    const check = createRevocationList({ url: `${issuer}/revocations`, client, clock });
    return (token: VerifiedToken) => outcomeOf(() => check(token, ''));
  };

  it.each<[string, Revocation, string]>([
    ['the person', { kind: 'subject', id: 'alice' }, 'UNAUTHORIZED'],
    ['everything of the person up to its issue', { kind: 'subject', id: 'alice', issuedUntil: 1000 }, 'UNAUTHORIZED'],
    ['everything of the person before its issue', { kind: 'subject', id: 'alice', issuedUntil: 999 }, 'good'],
    ['its sign-in', { kind: 'sign_in', id: 'laptop' }, 'UNAUTHORIZED'],
    ['the token', { kind: 'token', id: 'token-1' }, 'UNAUTHORIZED'],
    ['another person', { kind: 'subject', id: 'bob' }, 'good'],
    ['a person named like its sign-in', { kind: 'subject', id: 'laptop' }, 'good'],
  ])('that names %s decides about a token', async (_what, entry, expected) => {
    revoked = [entry];

    expect(await listCheck()(alice)).toBe(expected);
  });

  it('is read once for many tokens, and a revocation counts half a minute later', async () => {
    const check = listCheck();
    await Promise.all([check(alice), check(alice), check({ ...alice, subject: 'bob' })]);
    const reads = asked.length;

    revoked = [{ kind: 'subject', id: 'alice' }];
    clock.advance(30_000);

    expect([reads, await check(alice), await check({ ...alice, subject: 'bob' })]).toEqual([1, 'UNAUTHORIZED', 'good']);
  });

  it('counts for a minute when the provider is away, and then nobody is let in until it is back', async () => {
    const check = listCheck();
    await check(alice);
    isAway = true;

    clock.advance(59_000);
    const soon = await check(alice);
    clock.advance(2_000);
    const later = await check(alice);
    isAway = false;
    const back = await check(alice);

    expect([soon, later, back]).toEqual(['good', 'SERVICE_UNAVAILABLE', 'good']);
  });

  it('lets nobody in before it was read, nor when it is no list', async () => {
    revoked = 'everybody' as never;

    expect(await listCheck()(alice)).toBe('SERVICE_UNAVAILABLE');
  });
});

describe('introspection', () => {
  const introspect = () => {
    const check = createIntrospection({ issuer, client, clock });
    return (text: string) => outcomeOf(() => check(alice, text));
  };

  it('finds the endpoint, asks once in thirty seconds for each token, and then again', async () => {
    const check = introspect();

    await Promise.all([check('a'), check('a')]);
    await check('b');
    clock.advance(29_000);
    await check('a');
    clock.advance(1_000);
    await check('a');

    expect(asked).toEqual([
      'GET /.well-known/openid-configuration ',
      'POST /introspect token=a&token_type_hint=access_token',
      'POST /introspect token=b&token_type_hint=access_token',
      'POST /introspect token=a&token_type_hint=access_token',
    ]);
  });

  it('refuses a token that was revoked while in use, for good and without asking again', async () => {
    const check = introspect();
    const before = await check('a');
    inactive = ['a'];
    clock.advance(30_000);

    const after = await check('a');
    const questions = asked.length;
    inactive = [];
    const again = await check('a');

    expect([before, after, again, asked.length]).toEqual(['good', 'UNAUTHORIZED', 'UNAUTHORIZED', questions]);
  });

  it('believes the last answer for a minute when the provider is away, and nothing it never said', async () => {
    const check = introspect();
    await check('a');
    isAway = true;

    clock.advance(59_000);
    const known = await check('a');
    const unknown = await check('b');
    clock.advance(2_000);
    const later = await check('a');

    expect([known, unknown, later]).toEqual(['good', 'SERVICE_UNAVAILABLE', 'SERVICE_UNAVAILABLE']);
  });
});
