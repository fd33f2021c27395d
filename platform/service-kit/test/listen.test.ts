import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StewardError } from '@steward/sdk';
import { answered, createService, listen } from '../src/index.ts';
import type { OperationHandlers, RunningService } from '../src/index.ts';
import { createTestIssuer, silentLogger } from '../src/test-support/index.ts';
import { things } from './things-openapi.ts';
import type { ThingOperations } from './things-openapi.ts';

let running: RunningService;
let token: string;
let started: Promise<void>;
let release: () => void;
let closed: string[];

beforeEach(async () => {
  const issuer = await createTestIssuer();
  token = await issuer.tokenFor();
  closed = [];
  const blocked = new Promise<void>((resolve) => (release = resolve));
  let begin: () => void;
  started = new Promise((resolve) => (begin = resolve));
  const handlers: OperationHandlers<ThingOperations> = {
    createThing: async ({ body }) => {
      begin();
      await blocked;
      return { status: 201, body: { name: body.name, tenantId: 'acme', number: 1 } };
    },
    getThing: ({ response, context }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': hello\n\n');
      context.signal.addEventListener('abort', () => response.end());
      return answered;
    },
    getKeys: () => ({ status: 200, body: { keys: [] } }),
  };
  const service = createService<ThingOperations>({
    name: 'things',
    openApi: things,
    handlers,
    authenticate: issuer.authenticate,
    logger: silentLogger,
  });
  // What is in flight is never cut: a drain that waits for the wrong connections would not end.
  const drain = { lingerMs: 300, graceMs: 2 ** 31 - 1 };
  running = await listen(service, { host: '127.0.0.1', port: 0, drain }, [
    () => void closed.push('first'),
    () => void closed.push('second'),
  ]);
});
afterEach(() => running.stop());

const post = () =>
  fetch(`${running.url}/things`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{"name":"a"}',
  });

describe('listen', () => {
  it('finishes what is in flight before it stops, then closes what it was given', async () => {
    const inFlight = post();
    await started;

    const stopping = running.stop();
    const refused = await fetch(`${running.url}/healthz`).catch(() => 'refused');
    const closedTooEarly = [...closed];
    release();
    const response = await inFlight;
    await stopping;

    expect([refused, closedTooEarly]).toEqual(['refused', []]);
    expect([response.status, await response.json()]).toEqual([201, { name: 'a', tenantId: 'acme', number: 1 }]);
    expect(closed).toEqual(['first', 'second']);
  });

  it('ends streams when it stops', async () => {
    const response = await fetch(`${running.url}/things/x`, { headers: { authorization: `Bearer ${token}` } });
    const text = response.text();

    await running.stop();

    await expect(text).resolves.toBe(': hello\n\n');
  });

  it('does not wait for a connection that has not sent a request, nor for one that is kept', async () => {
    const socket = connect(Number(new URL(running.url).port), '127.0.0.1');
    const cut = new Promise<string>((resolve) => socket.on('close', () => resolve('closed')));
    await new Promise((resolve) => socket.once('connect', resolve));
    const kept = await fetch(`${running.url}/healthz`);
    await kept.text();

    await running.stop();

    expect(await cut).toBe('closed');
  });

  it('refuses a request whose framing is ambiguous', async () => {
    const { port } = new URL(running.url);
    const socket = connect(Number(port), '127.0.0.1');
    const answer = new Promise<string>((resolve) => {
      let text = '';
      socket.on('data', (chunk) => (text += chunk));
      socket.on('close', () => resolve(text));
    });

    socket.write(
      'POST /v1/things HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    );

    expect(await answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('refuses to start with a missing handler or on a port that is in use', async () => {
    const issuer = await createTestIssuer();
    const handlers = { createThing: undefined, getThing: undefined, getKeys: undefined };
    expect(() =>
      createService({
        name: 'x',
        openApi: things,
        handlers: handlers as never,
        authenticate: issuer.authenticate,
        logger: silentLogger,
      }),
    ).toThrow(/has no handler/);
    const service = createService({
      name: 'x',
      openApi: { ...things, paths: {} },
      handlers: {},
      authenticate: issuer.authenticate,
      logger: silentLogger,
    });

    await expect(listen(service, { host: '127.0.0.1', port: Number(new URL(running.url).port) })).rejects.toMatchObject(
      { code: 'EADDRINUSE' },
    );
  });
});

describe('a stop under continuous requests', () => {
  it('breaks none of them: each is answered, or finds no one to connect to', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    const outcomes: string[] = [];
    const one = (): Promise<string> =>
      new Promise((resolve) => {
        const path = '/v1/.well-known/keys';
        const request = get({ agent, host: '127.0.0.1', port: new URL(running.url).port, path }, (response) => {
          response.resume();
          response.once('end', () => resolve(String(response.statusCode)));
          response.once('error', () => resolve('broken answer'));
        });
        request.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'broken'));
      });
    const client = async (): Promise<void> => {
      for (;;) {
        const outcome = await one();
        outcomes.push(outcome);
        if (outcome !== '200') return;
      }
    };
    const clients = Promise.all(Array.from({ length: 8 }, client));
    while (outcomes.length < 200) await new Promise((resolve) => setImmediate(resolve));

    await running.stop();
    await clients;
    agent.destroy();

    expect(new Set(outcomes)).toEqual(new Set(['200', 'ECONNREFUSED']));
  });
});

describe('an event stream', () => {
  it('ends when the token that opened it is taken back', async () => {
    const issuer = await createTestIssuer();
    let isRevoked = false;
    const { '/things/{thingId}': item } = things.paths as Record<string, { get: { responses: object } }>;
    const get200 = { description: 'Events', content: { 'text/event-stream': { schema: { type: 'string' } } } };
    const streaming = {
      ...things,
      paths: {
        ...things.paths,
        '/things/{thingId}': { ...item, get: { ...item?.get, responses: { ...item?.get.responses, '200': get200 } } },
      },
    };
    let reason: unknown;
    const service = createService<ThingOperations>({
      name: 'things',
      openApi: streaming,
      handlers: {
        createThing: () => ({ status: 201, body: { name: 'a', tenantId: 'acme', number: 1 } }),
        getThing: ({ response, context }) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.write(': hello\n\n');
          context.signal.addEventListener('abort', () => {
            reason = (context.signal.reason as { code?: string }).code;
            response.end();
          });
          return answered;
        },
        getKeys: () => ({ status: 200, body: { keys: [] } }),
      },
      authenticate: async (text) => {
        if (isRevoked) throw new StewardError('UNAUTHORIZED', 'The access was ended.');
        return issuer.authenticate(text);
      },
      logger: silentLogger,
      times: { streamCheckMs: 10 },
    });
    const other = await listen(service, { host: '127.0.0.1', port: 0 });
    const headers = { authorization: `Bearer ${await issuer.tokenFor()}` };
    const response = await fetch(`${other.url}/things/x`, { headers });

    isRevoked = true;
    const text = await response.text();
    await other.stop();

    expect([text, reason]).toEqual([': hello\n\n', 'UNAUTHORIZED']);
  });
});
