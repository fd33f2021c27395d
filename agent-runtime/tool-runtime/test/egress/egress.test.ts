import { afterEach, beforeAll, afterAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import fc from 'fast-check';
import { readClientHello } from '../../src/egress/client-hello.ts';
import { openCommandProxy } from '../../src/egress/command-proxy.ts';
import { EgressBudget } from '../../src/egress/egress-budget.ts';
import { createFixture, type Fixture } from '../fixture.ts';

/** In two halves, so that this file holds nothing that looks like a secret. */
const key = 'AKIA' + 'IOSFODNN7ABCDEFG';
const limits = { requestsPerMinute: 2, sentBytes: 100, receivedBytes: 1_000 };

let server: Server;
let port: number;
const seen: string[] = [];
const fixtures: Fixture[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(`${request.method ?? ''} ${request.url ?? ''}`);
    if (request.url === '/inwards') return response.writeHead(302, { location: `http://inner.test:${port}/` }).end();
    return response.end('answer');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.close();
});
afterEach(async () => {
  seen.length = 0;
  for (const fixture of fixtures.splice(0)) await fixture.remove();
});

function make(overrides: Parameters<typeof createFixture>[0]): Fixture {
  const fixture = createFixture(overrides);
  fixtures.push(fixture);
  return fixture;
}
const open = { allowAddress: () => true };

describe('What leaves the machine', () => {
  it.each([
    ['the address', { method: 'GET', path: `/?q=${key}` }],
    ['the address', { method: 'GET', path: `/?q=${key.replaceAll('A', '%41')}` }],
    ['the body', { method: 'POST', path: '/', body: `{"k": "${key}"}` }],
  ])(
    'holds no secret in %s, and nothing is sent',
    async (where, { method, path, body }: { method: string; path: string; body?: string }) => {
      const fixture = make({ walls: open });

      const outcome = await fixture.run('HttpRequest', {
        method,
        url: `http://127.0.0.1:${port}${path}`,
        ...(body === undefined ? {} : { body }),
      });

      expect(outcome.error).toEqual({
        code: 'CAPABILITY_DENIED',
        message: `Network.Http sends no secrets: ${where} holds what looks like a secret (AWS access key). Leave it out, or use a secret by its name.`,
        details: { reasonCodes: ['SECRET_IN_REQUEST'], kind: 'AWS access key' },
      });
      expect(seen).toEqual([]);
    },
  );

  it('is counted, and stops at the limits of the session', async () => {
    const fixture = make({ walls: open, limits: { egressRequestsPerMinute: 2 } });
    const get = { method: 'GET', url: `http://127.0.0.1:${port}/` };

    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await fixture.run('HttpRequest', get)).status);

    expect(statuses).toEqual(['succeeded', 'succeeded', 'denied']);
    expect(seen).toHaveLength(2);
  });

  it('goes to no other address than the one that was judged, however often the name changes its meaning', async () => {
    let asked = 0;
    const resolve = () => Promise.resolve([{ address: asked++ === 0 ? '127.0.0.1' : '127.0.0.2', family: 4 as const }]);
    const fixture = make({ egress: { resolve }, walls: { allowAddress: (_h, _p, ip) => ip === '127.0.0.1' } });
    const url = `http://rebinding.test:${port}/`;

    const first = await fixture.run('HttpRequest', { method: 'GET', url });
    const second = await fixture.run('HttpRequest', { method: 'GET', url });

    expect([first.status, second.status, asked]).toEqual(['succeeded', 'denied', 2]);
    expect(second.error?.message).toContain('its address 127.0.0.2 is not allowed');
  });

  it('is judged again at each redirect', async () => {
    const fixture = make({
      egress: { resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]) },
      walls: { allowAddress: (host) => host === 'outer.test' },
    });

    const outcome = await fixture.run('HttpRequest', { method: 'GET', url: `http://outer.test:${port}/inwards` });

    expect(outcome.status).toBe('denied');
    expect(seen).toEqual(['GET /inwards']);
  });
});

describe('EgressBudget', () => {
  it('lets requests through again when a minute has passed', () => {
    let now = 0;
    const budget = new EgressBudget(limits, () => now);
    budget.begin();
    budget.begin();

    expect(() => budget.begin()).toThrow(/more than 2 requests were made within a minute/);
    now = 60_000;
    expect(() => budget.begin()).not.toThrow();
  });

  it('sends nothing of what would be too much', () => {
    const budget = new EgressBudget(limits, () => 0);
    budget.send(100);

    expect(() => budget.send(1)).toThrow(/may send 100 and receive 1000 bytes/);
    expect(() => budget.begin()).toThrow(/is used up/);
  });

  it('stops when too much has come back', () => {
    const budget = new EgressBudget(limits, () => 0);

    expect(() => budget.receive(1_001)).toThrow(/is used up/);
  });
});

describe('readClientHello', () => {
  /** A ClientHello with one extension, as RFC 8446 lays it out. */
  function hello(name: string): Buffer {
    const text = Buffer.from(name);
    const list = Buffer.concat([Buffer.from([0, 0, text.length + 3, 0, 0, text.length]), text]);
    list.writeUInt16BE(text.length + 3, 1);
    const entry = Buffer.alloc(2 + 1 + 2);
    entry.writeUInt16BE(text.length + 3, 0);
    entry.writeUInt16BE(text.length, 3);
    const extension = Buffer.concat([Buffer.from([0, 0, 0, entry.length + text.length]), entry, text]);
    const body = Buffer.concat([
      Buffer.from([3, 3]),
      Buffer.alloc(32),
      Buffer.from([0, 0, 2, 0x13, 1, 1, 0, 0, extension.length]),
      extension,
    ]);
    const message = Buffer.concat([Buffer.from([1, 0, 0, body.length]), body]);
    return Buffer.concat([Buffer.from([22, 3, 1, 0, message.length]), message]);
  }

  it('reads the name of the server, as soon as all of it is there', () => {
    const bytes = hello('Example.org');

    expect(readClientHello(bytes)).toEqual({ kind: 'tls', serverName: 'example.org' });
    expect(readClientHello(bytes.subarray(0, 20))).toEqual({ kind: 'incomplete' });
  });

  it.each(['GET / HTTP/1.1\r\n', 'SSH-2.0-x\r\n', '\0\0\0\0\0'])('knows that %j is something else', (text) => {
    expect(readClientHello(Buffer.from(text))).toEqual({ kind: 'not_tls' });
  });

  it('has an answer for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, asRecord) => {
        const input = Buffer.from(asRecord ? [22, 3, 1, 0, bytes.length, ...bytes] : bytes);

        expect(['incomplete', 'not_tls', 'tls']).toContain(readClientHello(input).kind);
      }),
    );
  });
});

describe('The proxy on a loopback port', () => {
  it('answers nobody who does not know its secret', async () => {
    const budget = new EgressBudget({ ...limits, requestsPerMinute: 100 }, () => 0);
    const fixture = make({ walls: open });
    const proxy = await openCommandProxy({ ...fixture.walls, network: true }, { budget }, 'port');
    const ask = async (header: string): Promise<string> => {
      const socket = connect(proxy.port ?? 0, '127.0.0.1');
      socket.write(`GET http://127.0.0.1:${port}/x HTTP/1.1\r\nHost: x\r\n${header}Connection: close\r\n\r\n`);
      let text = '';
      for await (const chunk of socket) text += String(chunk);
      return text.split('\r\n')[0] ?? '';
    };
    const basic = (secret: string): string =>
      `Proxy-Authorization: Basic ${Buffer.from(`steward:${secret}`).toString('base64')}\r\n`;

    const answers = [await ask(''), await ask(basic('guess')), await ask(basic(proxy.token ?? ''))];
    proxy.close();

    expect(answers.map((answer) => answer.split(' ')[1])).toEqual(['407', '407', '200']);
    expect(seen).toEqual(['GET /x']);
  });
});
