import { beforeAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { StewardError } from '@steward/sdk';
import { createService } from '../src/index.ts';
import type { OperationHandlers, Service } from '../src/index.ts';
import { callService, createTestIssuer, silentLogger } from '../src/test-support/index.ts';
import type { TestIssuer } from '../src/test-support/index.ts';
import { things } from './things-openapi.ts';
import type { ThingOperations } from './things-openapi.ts';

let issuer: TestIssuer;
let created = 0;
let release: (() => void) | undefined;

const handlers: OperationHandlers<ThingOperations> = {
  createThing: async ({ body, context }) => {
    created += 1;
    if (body.name === 'slow') await new Promise<void>((resolve) => (release = resolve));
    if (body.name === 'taken') throw new StewardError('CONFLICT', 'The name taken is taken; choose another.');
    if (body.name === 'broken') throw new Error('password=hunter2');
    return { status: 201, body: { name: body.name, tenantId: context.caller.tenantId, number: created } };
  },
  getThing: ({ path, query }) => ({
    status: 200,
    body: { name: path.thingId, tenantId: 'acme', number: query.times ?? 0 },
  }),
  getKeys: () => ({ status: 200, body: { keys: [] } }),
};

function build(): Service {
  return createService<ThingOperations>({
    name: 'things',
    openApi: things,
    handlers,
    authenticate: issuer.authenticate,
    logger: silentLogger,
  });
}

beforeAll(async () => {
  issuer = await createTestIssuer();
});

describe('createService', () => {
  it('answers a valid request of a caller with the role', async () => {
    const response = await callService(build()).post('/things', {
      token: await issuer.tokenFor(),
      body: { name: 'a' },
    });

    expect([response.status, response.body]).toEqual([201, { name: 'a', tenantId: 'acme', number: created }]);
    expect(response.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    expect(response.headers['x-powered-by']).toBeUndefined();
    expect(response.headers['x-request-id']).toMatch(/^req_/);
  });

  it.each([
    ['no token', async () => undefined],
    ['garbage', async () => 'garbage'],
    ['an expired token', () => issuer.tokenFor({ expiresInSeconds: -60 })],
    ['a token for another audience', () => issuer.tokenFor({ audience: 'urn:other' })],
    ['an id token', () => issuer.tokenFor({ typ: 'JWT' })],
    ['a token without tenant', () => issuer.tokenFor({ claims: { tenant_id: undefined } })],
    ['a tenant that is no word', () => issuer.tokenFor({ tenantId: 'acme#bob' })],
    ['a token of another issuer', async () => (await createTestIssuer()).tokenFor()],
    [
      'an unsigned token',
      async () =>
        `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${Buffer.from('{}').toString('base64url')}.`,
    ],
  ])('refuses %s', async (_what, makeToken) => {
    const token = await makeToken();

    const response = await callService(build()).post('/things', {
      body: { name: 'a' },
      ...(token === undefined ? {} : { token }),
    });

    expect([response.status, response.body.code]).toEqual([401, 'UNAUTHORIZED']);
  });

  it('refuses a caller without the role', async () => {
    const response = await callService(build()).post('/things', {
      token: await issuer.tokenFor({ roles: ['auditor'] }),
      body: { name: 'a' },
    });

    expect([response.status, response.body.code]).toEqual([403, 'PERMISSION_DENIED']);
  });

  it('honours acting headers of services only', async () => {
    const api = callService(build());
    const headers = { 'x-acting-tenant': 'globex', 'x-acting-user': 'mallory' };

    const asUser = await api.post('/things', { token: await issuer.tokenFor(), body: { name: 'a' }, headers });
    const asService = await api.post('/things', {
      token: await issuer.tokenFor({ sub: 'session-service', roles: ['service'] }),
      body: { name: 'a' },
      headers,
    });

    expect([asUser.body.tenantId, asService.body.tenantId]).toEqual(['acme', 'globex']);
  });

  it('names the wrong field of a body and of a query', async () => {
    const api = callService(build());
    const token = await issuer.tokenFor();

    const body = await api.post('/things', { token, body: { name: 'a', extra: 1 } });
    const query = await api.get('/things/x', { token, query: { times: 'many' } });
    const coerced = await api.get('/things/x', { token, query: { times: '3' } });

    expect([body.status, body.body.details]).toEqual([400, { field: 'extra', rule: 'additionalProperties' }]);
    expect([query.status, query.body.details]).toEqual([400, { field: 'times', rule: 'type' }]);
    expect(coerced.body.number).toBe(3);
  });

  it('bounds bodies and refuses what is not JSON', async () => {
    const app = build().app;
    const authorization = `Bearer ${await issuer.tokenFor()}`;
    const send = (type: string, text: string) =>
      supertest(app).post('/v1/things').set({ authorization, 'content-type': type }).send(text);

    const large = await send('application/json', JSON.stringify({ name: 'x'.repeat(2000) }));
    const broken = await send('application/json', '{');
    const form = await send('text/plain', 'name=a');

    expect([large, broken, form].map(({ status, body }) => [status, body.code])).toEqual([
      [413, 'FILE_TOO_LARGE'],
      [400, 'INVALID_REQUEST'],
      [400, 'INVALID_REQUEST'],
    ]);
  });

  it('refuses a body that is nested without end', async () => {
    const api = callService(build());
    const nested = JSON.parse(`${'['.repeat(400)}${']'.repeat(400)}`);

    const response = await api.post('/things', { token: await issuer.tokenFor(), body: { name: nested } });

    expect([response.status, response.body.message]).toEqual([
      400,
      'createThing: the body is nested more than 100 levels deep; send it flatter.',
    ]);
  });

  it('maps errors to their status and keeps causes inside', async () => {
    const api = callService(build());
    const token = await issuer.tokenFor();

    const conflict = await api.post('/things', { token, body: { name: 'taken' } });
    const broken = await api.post('/things', { token, body: { name: 'broken' } });

    expect([conflict.status, conflict.body.code]).toEqual([409, 'CONFLICT']);
    expect([broken.status, broken.body.code]).toEqual([500, 'INTERNAL_ERROR']);
    expect(JSON.stringify(broken.body)).not.toContain('hunter2');
    expect(broken.body.details.traceId).toMatch(/^[0-9a-f]{32}$/);
  });

  it('answers unknown paths and methods with their codes', async () => {
    const app = build().app;

    const missing = await supertest(app).get('/v1/nothing');
    const method = await supertest(app).delete('/v1/things');
    const undecodable = await supertest(app)
      .get('/v1/things/%E0%A4%A')
      .set('authorization', `Bearer ${await issuer.tokenFor()}`);

    expect([missing.status, missing.body.code]).toEqual([404, 'NOT_FOUND']);
    expect([method.status, method.body.code, method.headers['allow']]).toEqual([405, 'METHOD_NOT_ALLOWED', 'POST']);
    expect([undecodable.status, undecodable.body.code]).toEqual([400, 'INVALID_REQUEST']);
  });

  it('answers health, readiness and description at the root and below /v1', async () => {
    const service = build();

    for (const prefix of ['', '/v1']) {
      expect((await supertest(service.app).get(`${prefix}/healthz`)).body).toMatchObject({
        status: 'ok',
        service: 'things',
      });
      expect((await supertest(service.app).get(`${prefix}/readyz`)).status).toBe(200);
      expect((await supertest(service.app).get(`${prefix}/openapi.json`)).body).toEqual(
        JSON.parse(JSON.stringify(things)),
      );
    }
    service.lifecycle.beginDraining();
    expect((await supertest(service.app).get('/readyz')).status).toBe(503);
  });

  it('lets public operations be called without a token', async () => {
    expect((await callService(build()).get('/.well-known/keys')).status).toBe(200);
  });
});

describe('Idempotency-Key', () => {
  it('answers a repetition with the first answer and refuses another body', async () => {
    const api = callService(build());
    const token = await issuer.tokenFor();
    const headers = { 'idempotency-key': 'k1' };

    const first = await api.post('/things', { token, headers, body: { name: 'once' } });
    const again = await api.post('/things', { token, headers, body: { name: 'once' } });
    const other = await api.post('/things', { token, headers, body: { name: 'other' } });
    const somebodyElse = await api.post('/things', {
      token: await issuer.tokenFor({ sub: 'bob' }),
      headers,
      body: { name: 'other' },
    });

    expect([again.status, again.body, again.headers['idempotency-replayed']]).toEqual([201, first.body, 'true']);
    expect([other.status, other.body.code, other.body.retryable]).toEqual([409, 'CONFLICT', false]);
    expect(somebodyElse.status).toBe(201);
  });

  it('asks to try again while the first request runs, and forgets failures', async () => {
    const api = callService(build());
    const token = await issuer.tokenFor();
    const before = created;
    const slow = api.post('/things', { token, headers: { 'idempotency-key': 'k2' }, body: { name: 'slow' } });
    while (created === before) await new Promise((resolve) => setImmediate(resolve));

    const meanwhile = await api.post('/things', {
      token,
      headers: { 'idempotency-key': 'k2' },
      body: { name: 'slow' },
    });
    release?.();
    const done = await slow;
    const failures = [];
    for (let index = 0; index < 2; index += 1) {
      failures.push(
        await api.post('/things', { token, headers: { 'idempotency-key': 'k3' }, body: { name: 'taken' } }),
      );
    }

    expect([meanwhile.status, meanwhile.body.retryable, meanwhile.headers['retry-after']]).toEqual([409, true, '1']);
    expect(done.status).toBe(201);
    expect(failures.map(({ body }) => body.message)).toEqual(Array(2).fill('The name taken is taken; choose another.'));
  });
});
