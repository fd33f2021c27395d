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

interface Outgoing {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

describe('What leaves the machine', () => {
  it.each([
    ['the address', { method: 'GET', path: `/?q=${key}` }],
    ['the address', { method: 'GET', path: `/?q=${key.replaceAll('A', '%41')}` }],
    ['the address', { method: 'GET', path: `/?q=${Buffer.from(`key ${key}`).toString('base64url')}` }],
    ['the body', { method: 'POST', path: '/', body: `{"k": "${key}"}` }],
    ['the body', { method: 'POST', path: '/', body: `{"k": "${Buffer.from(`key ${key}`).toString('base64')}"}` }],
    ['the body', { method: 'POST', path: '/', body: Buffer.from(key).toString('hex') }],
    ['a header', { method: 'GET', path: '/', headers: { 'x-note': key } }],
    ['a header', { method: 'GET', path: '/', headers: { [key]: 'x' } }],
  ])(
    'holds no secret in %s, however it is written, and nothing is sent',
    async (where, { method, path, body, headers }: Outgoing) => {
      const fixture = make({ walls: open });

      const outcome = await fixture.run('HttpRequest', {
        method,
        url: `http://127.0.0.1:${port}${path}`,
        ...(body === undefined ? {} : { body }),
        ...(headers === undefined ? {} : { headers }),
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

  it('counts what stands in addresses and headers', async () => {
    const fixture = make({ walls: open, limits: { egressSentBytes: 300 } });
    const url = `http://127.0.0.1:${port}/?${'x'.repeat(200)}`;

    const statuses = [
      (await fixture.run('HttpRequest', { method: 'GET', url })).status,
      (
        await fixture.run('HttpRequest', {
          method: 'GET',
          url: `http://127.0.0.1:${port}/`,
          headers: { a: 'x'.repeat(80) },
        })
      ).status,
    ];

    expect(statuses).toEqual(['succeeded', 'denied']);
    expect(seen).toHaveLength(1);
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

describe('What is kept in the workspace', () => {
  it('comes out of the same budget of the session, in requests and in bytes', async () => {
    const upload = (name: string, size: number) => ({ name, content: 'x'.repeat(size) });
    const small = make({ walls: open, limits: { egressSentBytes: 100 } });
    const few = make({ walls: open, limits: { egressRequestsPerMinute: 1 } });

    const outcomes = [
      await small.run('UploadArtifact', upload('a.txt', 60)),
      await small.run('UploadArtifact', upload('b.txt', 60)),
      await few.run('UploadArtifact', upload('a.txt', 1)),
      await few.run('HttpRequest', { method: 'GET', url: `http://127.0.0.1:${port}/` }),
    ];

    expect(outcomes.map(({ status, error }) => [status, error?.details?.['reasonCodes']])).toEqual([
      ['succeeded', undefined],
      ['denied', ['EGRESS_LIMIT_REACHED']],
      ['succeeded', undefined],
      ['denied', ['EGRESS_LIMIT_REACHED']],
    ]);
    expect([small.artifacts.length, few.artifacts.length, seen]).toEqual([1, 1, []]);
  });

  it('is left out where the budget has no room, and the answer itself is still given', async () => {
    const fixture = make({ walls: open, limits: { egressSentBytes: 120, artifactThresholdBytes: 3 } });

    const outcome = await fixture.run('HttpRequest', {
      method: 'GET',
      url: `http://127.0.0.1:${port}/`.padEnd(118, 'x'),
    });

    expect([outcome.status, outcome.artifactUris, fixture.artifacts]).toEqual(['succeeded', undefined, []]);
    expect(outcome.outputText).toContain('answer');
  });

  it.each<[string, { name: string; content: string }]>([
    ['as it is', { name: 'a.txt', content: `x ${key}` }],
    ['behind a zero byte', { name: 'a.bin', content: `\0\0${key}` }],
    ['in Base64', { name: 'a.txt', content: Buffer.from(`the key is ${key}`).toString('base64') }],
    ['two bytes a character', { name: 'a.txt', content: [...key].join('\0') }],
    ['in its name', { name: `${key}.txt`, content: 'x' }],
  ])('holds no secret %s', async (_, args) => {
    const fixture = make({ walls: open });

    const outcome = await fixture.run('UploadArtifact', args);

    expect(outcome.error).toMatchObject({ code: 'CAPABILITY_DENIED', details: { reasonCodes: ['SECRET_IN_UPLOAD'] } });
    expect(JSON.stringify(outcome)).not.toContain(key);
    expect(fixture.artifacts).toEqual([]);
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
