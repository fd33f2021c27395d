import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ServiceUnreachableError,
  StewardError,
  createServiceClient,
  pauseBefore,
  readServerSentEvents,
} from '../../src/index.ts';

interface Paths {
  '/things': {
    get: { responses: { 200: { content: { 'application/json': { seen: number } } } } };
    post: {
      requestBody: { content: { 'application/json': { name: string } } };
      responses: { 201: { content: { 'application/json': { seen: number } } } };
    };
  };
}

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
): Promise<string> {
  let count = 0;
  const server = createServer((request, response) => answer(request, response, ++count));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => new Promise((resolve) => server.close(() => resolve())));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

const sleeps: number[] = [];
const retry = { random: () => 1, sleep: async (ms: number) => void sleeps.push(ms) };

function refuse(response: ServerResponse, status: number, code: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(
    JSON.stringify({ code, message: 'No.', retryable: code === 'RATE_LIMITED', details: { reasonCodes: ['x'] } }),
  );
}

describe('createServiceClient', () => {
  it('sends token and trace and returns typed data', async () => {
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      seen.push([request.url, request.headers.authorization, request.headers.traceparent]);
      response.setHeader('content-type', 'application/json');
      response.end('{"seen":1}');
    });
    const client = createServiceClient<Paths>(url, { getToken: () => 't', traceparent: () => '00-a-b-01' });

    const { data } = await client.GET('/things');

    expect(data).toEqual({ seen: 1 });
    expect(seen).toEqual([['/v1/things', 'Bearer t', '00-a-b-01']]);
  });

  it('throws the error that the service answered', async () => {
    const url = await serve((_request, response) => refuse(response, 409, 'CONFLICT'));

    const attempt = createServiceClient<Paths>(url, { retry }).GET('/things');

    await expect(attempt).rejects.toMatchObject({
      code: 'CONFLICT',
      message: 'No.',
      details: { reasonCodes: ['x'], httpStatus: 409 },
    });
  });

  it('repeats a read after the time that the service asked for', async () => {
    sleeps.length = 0;
    const url = await serve((_request, response, count) => {
      if (count < 3) return refuse(response, 429, 'RATE_LIMITED', { 'retry-after': '2' });
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ seen: count }));
    });

    const { data } = await createServiceClient<Paths>(url, { retry }).GET('/things');

    expect(data).toEqual({ seen: 3 });
    expect(sleeps).toEqual([2000, 2000]);
  });

  it('repeats a write only with an idempotency key', async () => {
    const bodies: string[] = [];
    const url = await serve((request, response, count) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        bodies.push(body);
        if (count === 1 || count === 2) return refuse(response, 429, 'RATE_LIMITED');
        response.setHeader('content-type', 'application/json');
        response.writeHead(201).end(JSON.stringify({ seen: count }));
      });
    });
    const client = createServiceClient<Paths>(url, { retry });

    await expect(client.POST('/things', { body: { name: 'a' } })).rejects.toBeInstanceOf(StewardError);
    const { data } = await client.POST('/things', { body: { name: 'a' }, headers: { 'idempotency-key': 'k' } });

    expect(data).toEqual({ seen: 3 });
    expect(bodies).toEqual(['{"name":"a"}', '{"name":"a"}', '{"name":"a"}']);
  });

  it('says that a service is unreachable', async () => {
    const client = createServiceClient<Paths>('http://127.0.0.1:1/v1', { retry: false });

    await expect(client.GET('/things')).rejects.toBeInstanceOf(ServiceUnreachableError);
  });
});

describe('pauseBefore', () => {
  it('never waits longer than the limit, whatever the service asks', () => {
    const error = new StewardError('RATE_LIMITED', 'Slow down.', { details: { retryAfterSeconds: 1e9 } });

    expect(pauseBefore(1, error, { maxDelayMs: 5000 })).toBe(5000);
  });
});

describe('readServerSentEvents', () => {
  it('reads ids, names and data whatever the chunk borders', async () => {
    const text = ': hello\n\nid: 7\nevent: added\ndata: {"a":\ndata: 1}\n\ndata: plain\r\n\r\n';
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of new TextEncoder().encode(text)) controller.enqueue(new Uint8Array([byte]));
        controller.close();
      },
    });

    const events = [];
    for await (const event of readServerSentEvents(body)) events.push(event);

    expect(events).toEqual([
      { id: '7', event: 'added', data: '{"a":\n1}' },
      { id: '7', event: 'message', data: 'plain' },
    ]);
  });
});
