import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { latenciesOf, shootSteadily } from '../../src/load/shoot-steadily.ts';
import type { Person } from '../../src/stand/people.ts';

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

const shooterOf = (sub: string) => ({
  person: { tenantId: 'acme', sub, token: `token-${sub}` } as Person,
  next: () => ({ method: 'GET', path: '/things' }) as const,
});

describe('a steady rate', () => {
  it('is sent by everybody in turn, and counted by status', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers.authorization}`);
      response.statusCode = asked.length === 1 ? 429 : 200;
      response.end('{}');
    }).listen(0, '127.0.0.1');
    servers.push(server);
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;

    const hits = await shootSteadily({ url, shooters: ['ann', 'bob'].map(shooterOf), seconds: 2, perSecond: 4 });

    expect(new Set(asked)).toEqual(new Set(['/v1/things Bearer token-ann', '/v1/things Bearer token-bob']));
    expect(hits).toMatchObject({ shed: 1, failed: 0, failures: '' });
    // What is under way at the end is not waited for: one request of each of the four connections at most.
    expect(asked.length - 1 - hits.good).toBeLessThanOrEqual(4);
    expect(hits.good).toBeGreaterThan(0);
  });

  it('counts a late answer for the requests that were due meanwhile, too', () => {
    expect([latenciesOf(0.4), latenciesOf(999), latenciesOf(2_300)]).toEqual([[0.4], [999], [2_300, 1_300, 300]]);
  });
});
