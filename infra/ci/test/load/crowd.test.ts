import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Crowd } from '../../src/load/crowd.ts';
import type { Person } from '../../src/stand/people.ts';

const servers: ReturnType<typeof createServer>[] = [];
const crowds: Crowd[] = [];
afterEach(async () => {
  for (const crowd of crowds.splice(0)) await crowd.close();
  servers.splice(0).forEach((server) => server.close());
});

async function crowdOf(connections: number, listener: RequestListener): Promise<Crowd> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  const crowd = new Crowd(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, connections);
  crowds.push(crowd);
  return crowd;
}

const shooterOf = (sub: string) => ({
  person: { tenantId: 'acme', sub, token: `token-${sub}` } as Person,
  next: () => ({ method: 'POST', path: '/things', body: { by: sub } }) as const,
});
const shooters = ['ann', 'bob'].map(shooterOf);

describe('a crowd', () => {
  it('connects each of its connections by one probe', async () => {
    const asked: unknown[] = [];
    const crowd = await crowdOf(30, (request, response) => {
      asked.push([request.url, request.socket.remotePort]);
      response.end('{}');
    });

    await crowd.connect();

    const paths = new Set(asked.map((one) => (one as string[])[0]));
    const ports = new Set(asked.map((one) => (one as number[])[1]));
    expect([asked.length, [...paths], ports.size]).toEqual([30, ['/healthz'], 30]);
  });

  it('sends what its people have to send, by turns, and counts answers by status', async () => {
    const asked: string[] = [];
    const statuses = [429, 503, 200];
    const crowd = await crowdOf(4, (request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        asked.push(`${request.method} ${request.url} ${request.headers.authorization} ${body}`);
        response.statusCode = statuses.shift() ?? 200;
        response.end('{}');
      });
    });

    const hits = await crowd.shoot({ shooters, seconds: 1, perSecond: 20 });

    const first = ['POST /v1/things Bearer token-ann {"by":"ann"}', 'POST /v1/things Bearer token-bob {"by":"bob"}'];
    expect(asked.slice(0, 4)).toEqual([...first, ...first]);
    expect(hits).toMatchObject({ shed: 1, failed: 1, failures: '503 × 1' });
    // One of the last may be answered after the end.
    expect(asked.length - hits.good - 2).toBeLessThanOrEqual(1);
    expect(asked.length).toBeGreaterThanOrEqual(19);
  });

  it('counts from when a request was due, though its connection had to wait for another answer', async () => {
    let isFirst = true;
    const crowd = await crowdOf(1, (_request, response) => {
      if (isFirst) setTimeout(() => response.end('{}'), 800);
      else response.end('{}');
      isFirst = false;
    });

    const hits = await crowd.shoot({ shooters, seconds: 1, perSecond: 10 });

    // The first takes eight tenths of a second, those behind it a tenth less each.
    expect([hits.p99Ms > 700, hits.p50Ms > 200, hits.failed]).toEqual([true, true, 0]);
  });

  it('counts failures before the counted seconds, and nothing else', async () => {
    let asked = 0;
    const crowd = await crowdOf(2, (request, response) => {
      asked += 1;
      if (asked === 1) request.socket.destroy();
      else response.end('{}');
    });

    const hits = await crowd.shoot({ shooters, seconds: 1, settleSeconds: 1, perSecond: 10 });

    expect(hits).toMatchObject({ shed: 0, failed: 1, failures: 'no answer × 1' });
    expect(hits.good).toBeLessThanOrEqual(11);
  });
});
