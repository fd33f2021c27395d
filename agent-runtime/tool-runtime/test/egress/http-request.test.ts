import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { isPrivateAddress } from '@steward/policy-engine';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFixture, type Fixture } from '../fixture.ts';

let server: Server;
let port: number;
const seen: {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}[] = [];
const fixtures: Fixture[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      seen.push({ method: request.method, url: request.url, headers: request.headers, body });
      const [, kind, rest] = /^\/(\w+)\/?(.*)$/.exec(request.url ?? '') ?? [];
      if (kind === 'to') response.writeHead(302, { location: decodeURIComponent(rest ?? '') }).end();
      else if (kind === 'loop') response.writeHead(307, { location: `/loop/${Number(rest) + 1}` }).end();
      else if (kind === 'big') response.writeHead(200, { 'content-type': 'text/plain' }).end('y'.repeat(Number(rest)));
      else if (kind === 'silent') return;
      else
        response
          .writeHead(kind === 'missing' ? 404 : 200, { 'content-type': 'text/plain', 'set-cookie': 'secret=1' })
          .end(`hello ${request.method}`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
afterEach(async () => {
  seen.length = 0;
  for (const fixture of fixtures.splice(0)) await fixture.remove();
});

/** Walls that list the local server under two names; everything else private is refused. */
function make(overrides: Parameters<typeof createFixture>[0] = {}): Fixture {
  const fixture = createFixture({
    egress: {
      resolve: (host) =>
        host === 'unknown.test'
          ? Promise.reject(new Error('no such host'))
          : Promise.resolve([{ address: host === 'public.test' ? '93.184.216.34' : '127.0.0.1', family: 4 }]),
    },
    walls: {
      allowAddress: (host, at, ip) =>
        at === port && ['127.0.0.1', 'listed.test', 'other.test'].includes(host)
          ? ip === '127.0.0.1'
          : !isPrivateAddress(ip),
    },
    ...overrides,
  });
  fixtures.push(fixture);
  return fixture;
}

describe('HttpRequest', () => {
  it('returns status, a few headers and the body, as untrusted content of the web', async () => {
    const outcome = await make().run('HttpRequest', { method: 'GET', url: `http://127.0.0.1:${port}/x` });

    expect(outcome).toMatchObject({
      status: 'succeeded',
      provenance: { source: 'web', trust: 'untrusted', detail: `http://127.0.0.1:${port}/x` },
    });
    expect(outcome.outputText).toMatch(/^HTTP 200 OK\ncontent-type: text\/plain\n(?:.*\n)*\nhello GET$/);
    expect(outcome.outputText).not.toContain('secret=1');
  });

  it('sends method, headers and body, but not headers that belong to the connection', async () => {
    await make().run('HttpRequest', {
      method: 'POST',
      url: `http://listed.test:${port}/x`,
      headers: { 'X-Mine': '1', Host: 'evil.test', 'Transfer-Encoding': 'chunked' },
      body: 'käse',
    });

    expect(seen).toMatchObject([
      { method: 'POST', body: 'käse', headers: { 'x-mine': '1', host: `listed.test:${port}`, 'content-length': '5' } },
    ]);
    expect(seen[0]?.headers).not.toHaveProperty('transfer-encoding');
  });

  it('refuses private, loopback, link-local and metadata addresses unless listed, and odd spellings of them', async () => {
    const fixture = make();

    const outcomes = await Promise.all(
      [
        'http://10.0.0.1/',
        'http://[::1]/',
        'http://169.254.169.254/latest',
        'http://unlisted.test/',
        `http://[::ffff:127.0.0.1]:${port}/`,
        'http://0x7f.1/',
        'http://2130706433/',
        'file:///etc/passwd',
        'http://user@127.0.0.1/',
      ].map((url) => fixture.run('HttpRequest', { method: 'GET', url })),
    );

    expect(outcomes.map(({ status, error }) => [status, error?.code])).toEqual([
      ...Array(5).fill(['denied', 'CAPABILITY_DENIED']),
      ...Array(4).fill(['failed', 'INVALID_REQUEST']),
    ]);
    expect(seen).toEqual([]);
  });

  it('connects to the address that was judged, whatever the name resolves to later', async () => {
    const answers = [[{ address: '127.0.0.1', family: 4 as const }]];
    const fixture = make({
      egress: { resolve: () => Promise.resolve(answers.shift() ?? [{ address: '10.0.0.1', family: 4 }]) },
    });

    const outcome = await fixture.run('HttpRequest', { method: 'GET', url: `http://listed.test:${port}/x` });

    expect(outcome.status).toBe('succeeded');
    expect(answers).toEqual([]);
  });

  it('judges the connected socket once more before the first byte leaves', async () => {
    const asked: string[] = [];
    const fixture = make({ walls: { allowAddress: (_host, _port, ip) => asked.push(ip) === 1 } });

    const outcome = await fixture.run('HttpRequest', {
      method: 'POST',
      url: `http://listed.test:${port}/x`,
      body: 'secret',
    });

    expect(outcome).toMatchObject({ status: 'denied', error: { code: 'CAPABILITY_DENIED' } });
    expect(asked).toEqual(['127.0.0.1', '127.0.0.1']);
    expect(seen).toEqual([]);
  });

  it('follows redirects, turns POST into GET and drops credentials for another host', async () => {
    const target = encodeURIComponent(`http://other.test:${port}/end`);

    const outcome = await make().run('HttpRequest', {
      method: 'POST',
      url: `http://listed.test:${port}/to/${target}`,
      headers: { Authorization: 'Bearer x', 'Content-Type': 'a/b' },
      body: 'data',
    });

    expect(outcome.outputText).toContain(`redirected to: http://other.test:${port}/end\n`);
    expect(seen[1]).toMatchObject({ method: 'GET', url: '/end', body: '' });
    expect(seen[1]?.headers).not.toHaveProperty('authorization');
    expect(seen[1]?.headers).not.toHaveProperty('content-type');
  });

  it('judges every redirect again', async () => {
    const byAddress = await make().run('HttpRequest', {
      method: 'GET',
      url: `http://listed.test:${port}/to/${encodeURIComponent('http://169.254.169.254/')}`,
    });
    const byUrl = await make({
      walls: { allowAddress: () => true, checkUrl: (url) => !url.includes('other.test') },
    }).run('HttpRequest', {
      method: 'GET',
      url: `http://listed.test:${port}/to/${encodeURIComponent(`http://other.test:${port}/`)}`,
    });
    const byScheme = await make().run('HttpRequest', {
      method: 'GET',
      url: `http://listed.test:${port}/to/${encodeURIComponent('file:///etc/passwd')}`,
    });

    expect([byAddress.status, byUrl.status, byScheme.error?.code]).toEqual(['denied', 'denied', 'INVALID_REQUEST']);
  });

  it('follows five redirects at most', async () => {
    const outcome = await make().run('HttpRequest', { method: 'GET', url: `http://127.0.0.1:${port}/loop/0` });

    expect(outcome.error?.message).toContain('more than 5 times');
    expect(seen).toHaveLength(6);
  });

  it('bounds the body, shows head and tail and keeps it as an artifact', async () => {
    const fixture = make({ limits: { responseBytes: 50_000 } });

    const outcome = await fixture.run('HttpRequest', { method: 'GET', url: `http://127.0.0.1:${port}/big/90000` });

    expect(outcome.outputText).toContain('[truncated: the body is longer than 50.0 KB]');
    expect(Buffer.byteLength(outcome.outputText ?? '')).toBeLessThan(31_000);
    expect(fixture.artifacts).toMatchObject([{ artifactType: 'tool_output', contentType: 'text/plain' }]);
  });

  it('ends at once when forced, and says when a host is not known', async () => {
    const force = new AbortController();
    const running = make().run(
      'HttpRequest',
      { method: 'GET', url: `http://127.0.0.1:${port}/silent` },
      { force: force.signal },
    );
    while (seen.length === 0) await new Promise((resolve) => setImmediate(resolve));

    force.abort();
    const cancelled = await running;
    const unknown = await make().run('HttpRequest', { method: 'GET', url: 'http://unknown.test/' });

    expect(cancelled.error).toMatchObject({ code: 'TOOL_EXECUTION_FAILED', details: { cancelled: true } });
    expect(unknown.error?.message).toBe('The host unknown.test could not be found. Check its name and the connection.');
  });

  it('says that nothing was sent where that is certain', async () => {
    const closed = await make({ walls: { allowAddress: () => true } }).run('HttpRequest', {
      method: 'POST',
      url: 'http://127.0.0.1:1/',
      body: 'x',
    });

    expect(closed.error?.message).toBe('The request to 127.0.0.1:1 failed (ECONNREFUSED). Nothing was sent.');
  });

  it('takes no proxy from the environment', async () => {
    process.env['HTTP_PROXY'] = 'http://127.0.0.1:1';
    process.env['NODE_USE_ENV_PROXY'] = '1';

    const outcome = await make().run('HttpRequest', { method: 'GET', url: `http://127.0.0.1:${port}/x` });
    delete process.env['HTTP_PROXY'];
    delete process.env['NODE_USE_ENV_PROXY'];

    expect(outcome.status).toBe('succeeded');
  });

  it('reports an answer of the server, whatever its status, as an answer', async () => {
    const outcome = await make().run('HttpRequest', { method: 'GET', url: `http://127.0.0.1:${port}/missing` });

    expect(outcome).toMatchObject({ status: 'succeeded', outputText: expect.stringMatching(/^HTTP 404 Not Found/) });
  });
});
