import { connect } from 'node:net';
import { request as httpRequest } from 'node:http';
import { beforeAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { LoadShedder, createService, listen } from '../../src/index.ts';
import type { Service, ServiceOptions } from '../../src/index.ts';
import { createTestIssuer, silentLogger } from '../../src/test-support/index.ts';
import type { TestIssuer } from '../../src/test-support/index.ts';
import { things } from '../things-openapi.ts';
import type { ThingOperations } from '../things-openapi.ts';

let issuer: TestIssuer;
let token: string;
beforeAll(async () => {
  issuer = await createTestIssuer();
  token = await issuer.tokenFor();
});

let release: () => void;
let entered: Promise<void>;
function build(options: Partial<ServiceOptions<ThingOperations>> = {}): Service {
  let enter: () => void;
  entered = new Promise((resolve) => (enter = resolve));
  const blocked = new Promise<void>((resolve) => (release = resolve));
  return createService<ThingOperations>({
    name: 'things',
    openApi: things,
    handlers: {
      createThing: async ({ body }) => {
        if (body.name === 'broken') throw new Error(`at secret (${import.meta.url}:1:1)`);
        enter();
        await blocked;
        return { status: 201, body: { name: body.name, tenantId: 'acme', number: 1 } };
      },
      getThing: () => ({ status: 200, body: { name: 'a', tenantId: 'acme', number: 1 } }),
      getKeys: () => ({ status: 200, body: { keys: [] } }),
    },
    authenticate: issuer.authenticate,
    logger: silentLogger,
    ...options,
  });
}

const strict = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'cross-origin-resource-policy': 'same-origin',
};

describe('every answer', () => {
  it.each([
    ['a success', 'get', '/v1/things/x', 200],
    ['a refusal', 'post', '/v1/things', 401],
    ['an unknown path', 'get', '/nothing', 404],
    ['an undeclared method', 'delete', '/v1/things', 405],
    ['a probe', 'get', '/healthz', 200],
    ['the description', 'get', '/openapi.json', 200],
  ] as const)('carries the strict headers: %s', async (_what, method, path, status) => {
    const request = supertest(build().app)[method](path);

    const response = await (status === 200 ? request.set('authorization', `Bearer ${token}`) : request);

    expect([response.status, response.headers]).toEqual([status, expect.objectContaining(strict)]);
    expect(response.headers['x-powered-by']).toBeUndefined();
    expect(Object.keys(response.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('keeps stack traces inside', async () => {
    const response = await supertest(build().app)
      .post('/v1/things')
      .set('authorization', `Bearer ${token}`)
      .send({ name: 'broken' });

    expect(response.status).toBe(500);
    expect(response.text).not.toMatch(/secret|\.ts|at /);
  });
});

/** Takes nothing at all. */
const full = (): LoadShedder =>
  new LoadShedder({
    limits: { requestsAtOnce: 0, loopDelayMs: 100 },
    gauge: { read: () => 0, close: () => undefined },
  });

describe('an answer that turns a request away', () => {
  const origin = 'https://app.example.com';
  const got = (app: Service['app'], from?: string) => {
    const request = supertest(app)
      .get('/v1/things/x')
      .ok(() => true);
    return from === undefined ? request : request.set('origin', from);
  };

  it('carries what every answer carries, and is whole', async () => {
    const response = await got(build({ shedder: full() }).app);

    const { date: _date, connection: _connection, ...headers } = response.headers;
    expect([response.status, headers]).toEqual([
      429,
      {
        ...strict,
        'permissions-policy': 'interest-cohort=()',
        'cross-origin-opener-policy': 'same-origin',
        'retry-after': '1',
        'content-type': 'application/json; charset=utf-8',
        'content-length': String(Buffer.byteLength(response.text)),
      },
    ]);
  });

  it('may be read by pages of listed origins, and by no others', async () => {
    const { app } = build({ shedder: full(), corsOrigins: [origin] });

    const [listed, other] = [await got(app, origin), await got(app, 'https://evil.test')];

    const readable = ({ headers }: typeof listed): unknown[] => [
      headers['access-control-allow-origin'],
      headers['cross-origin-resource-policy'],
    ];
    expect([listed, other].map(({ status }) => status)).toEqual([429, 429]);
    expect([readable(listed), readable(other)]).toEqual([
      [origin, 'cross-origin'],
      [undefined, 'same-origin'],
    ]);
    expect(listed.headers).toEqual(
      expect.objectContaining({ ...strict, 'cross-origin-resource-policy': 'cross-origin' }),
    );
  });
});

describe('a page of another origin', () => {
  const origin = 'https://app.example.com';
  const preflight = (app: Service['app'], from: string) =>
    supertest(app).options('/v1/things').set({ origin: from, 'access-control-request-method': 'POST' });

  it('may read answers when its origin is listed, letter by letter', async () => {
    const { app } = build({ corsOrigins: [origin] });

    const asked = await preflight(app, origin);
    const read = await supertest(app).get('/v1/.well-known/keys').set('origin', origin);

    expect([asked.status, asked.headers]).toEqual([
      204,
      expect.objectContaining({
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
        vary: 'Origin',
        'x-content-type-options': 'nosniff',
        'strict-transport-security': 'max-age=31536000; includeSubDomains',
      }),
    ]);
    expect([read.status, read.headers['access-control-allow-origin']]).toEqual([200, origin]);
    expect(read.headers['access-control-allow-credentials']).toBeUndefined();
  });

  it.each(['https://app.example.com.evil.test', 'http://app.example.com', 'https://APP.example.com', 'null'])(
    'is told nothing when it is %s',
    async (from) => {
      const { app } = build({ corsOrigins: [origin] });

      const asked = await preflight(app, from);
      const read = await supertest(app).get('/v1/.well-known/keys').set('origin', from);

      expect(asked.status).toBe(405);
      expect([asked, read].map(({ headers }) => headers['access-control-allow-origin'])).toEqual([
        undefined,
        undefined,
      ]);
    },
  );
});

describe('a process at its limit', () => {
  const calm = { read: () => 0, close: () => undefined };
  const post = (app: Service['app'], name: string) =>
    supertest(app).post('/v1/things').set('authorization', `Bearer ${token}`).send({ name });

  it('turns requests away at once with the time to come back, and still answers probes', async () => {
    const shedder = new LoadShedder({ limits: { requestsAtOnce: 1, loopDelayMs: 100 }, gauge: calm });
    const { app } = build({ shedder });
    const first = post(app, 'a').then((response) => response.status);
    await entered;

    const second = await post(app, 'b');
    const probe = await supertest(app).get('/readyz');
    release();

    expect([second.status, second.body, second.headers['retry-after']]).toEqual([
      429,
      {
        code: 'RATE_LIMITED',
        message: 'The service is busy; nothing was done. Try again in 1 s.',
        retryable: true,
        details: { retryAfterSeconds: 1, reasonCodes: ['overloaded'] },
      },
      '1',
    ]);
    expect([probe.status, await first, shedder.inFlight]).toEqual([200, 201, 0]);
  });

  it('takes nothing more while its event loop runs late, until it has caught up', () => {
    let nowMs = 0;
    let delayMs = 0;
    const shedder = new LoadShedder({
      limits: { requestsAtOnce: 4, loopDelayMs: 100 },
      gauge: { read: () => delayMs, close: () => undefined },
      nowMs: () => nowMs,
    });
    const inside = [shedder.enter(), shedder.enter()];
    delayMs = 500;
    nowMs += 100;

    const late = shedder.enter();
    delayMs = 0;
    nowMs += 400;
    const caughtUp = shedder.enter();

    expect([...inside, late, caughtUp].map((leave) => leave !== undefined)).toEqual([true, true, false, true]);
  });
});

describe('a request that is never answered', () => {
  it('ends with 503 and the work is told to stop', async () => {
    let stopped: unknown;
    const { app } = build({
      times: { answerTimeoutMs: 20 },
      handlers: {
        createThing: ({ context }) =>
          new Promise((_resolve, reject) => {
            context.signal.addEventListener('abort', () => {
              stopped = (context.signal.reason as Error).message;
              reject(new Error('stopped'));
            });
          }),
        getThing: () => ({ status: 200, body: { name: 'a', tenantId: 'acme', number: 1 } }),
        getKeys: () => ({ status: 200, body: { keys: [] } }),
      },
    });

    const response = await supertest(app)
      .post('/v1/things')
      .set('authorization', `Bearer ${token}`)
      .send({ name: 'a' });

    expect([response.status, response.body.code, response.headers['retry-after'], stopped]).toEqual([
      503,
      'SERVICE_UNAVAILABLE',
      '1',
      'The time is up.',
    ]);
  });
});

describe('a client that sends slowly or too much', () => {
  const fast = { headersTimeout: 100, connectionsCheckingInterval: 20 };
  const withService = async <T>(
    options: Partial<ServiceOptions<ThingOperations>>,
    use: (port: number) => Promise<T>,
  ) => {
    const running = await listen(build(options), { host: '127.0.0.1', port: 0, connections: fast });
    try {
      return await use(Number(new URL(running.url).port));
    } finally {
      await running.stop();
    }
  };
  const talk = (port: number, ...lines: string[]): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      socket.on('data', (chunk) => (text += chunk));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(text));
      for (const line of lines) socket.write(`${line}\r\n`);
    });

  it('is cut off when its headers do not end', async () => {
    const answer = await withService({}, (port) => talk(port, 'GET /healthz HTTP/1.1', 'Host: x', 'X-Slow: 1'));

    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('is cut off when its body does not end', async () => {
    const answer = await withService({ times: { bodyTimeoutMs: 50 } }, (port) =>
      talk(
        port,
        'POST /v1/things HTTP/1.1',
        'Host: x',
        `Authorization: Bearer ${token}`,
        'Content-Type: application/json',
        'Content-Length: 100',
        '',
        '{"name":',
      ),
    );

    expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*connection: close[\s\S]*did not arrive within 50 ms/i);
  });

  it('is refused with too many headers or too large ones', async () => {
    const statusWith = (headers: Record<string, string>) =>
      withService(
        {},
        (port) =>
          new Promise<number | undefined>((resolve) => {
            httpRequest({ port, host: '127.0.0.1', path: '/v1/things/x', headers }, (response) => {
              response.resume();
              resolve(response.statusCode);
            }).end();
          }),
      );
    const many = Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`x-${index}`, '1']));

    expect([await statusWith(many), await statusWith({ 'x-large': 'x'.repeat(20_000) })]).toEqual([400, 431]);
  });
});
