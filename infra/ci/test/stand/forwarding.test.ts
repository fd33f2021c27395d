import { createServer, request as httpRequest } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { decodeJwt } from 'jose';
import { handshake } from '../../src/load/routes.ts';
import { Stand, serviceNames } from '../../src/stand/stand.ts';
import type { ServiceName } from '../../src/stand/stand.ts';

// Seven real processes: a busy machine must not turn a slow start into a failure.
jest.setTimeout(600_000);

interface SeenCall {
  readonly to: ServiceName;
  readonly token: string;
  readonly actingFor: { readonly tenant: unknown; readonly user: unknown };
}

let stand: Stand;
let recorders: Server[];
let seen: SeenCall[];
/** What services call instead of each other: notes the call and passes it on. */
async function record(to: ServiceName): Promise<string> {
  const target = new URL(stand.url(to));
  const server = createServer((request, response) => {
    const { headers, method, url: path } = request;
    seen.push({
      to,
      token: String(headers.authorization ?? '').replace('Bearer ', ''),
      actingFor: { tenant: headers['x-acting-tenant'], user: headers['x-acting-user'] },
    });
    const options = { hostname: target.hostname, port: target.port, method, path, headers };
    request.pipe(
      httpRequest(options, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  recorders.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

beforeAll(async () => {
  seen = [];
  recorders = [];
  stand = await Stand.start(join(dirname(fileURLToPath(import.meta.url)), '../../../..'));
  const urls: Record<string, string> = {};
  for (const name of serviceNames) urls[`${name.toUpperCase()}_SERVICE_URL`] = await record(name);
  for (const name of serviceNames) await stand.service(name, { env: urls }).start();
});
afterAll(async () => {
  for (const server of recorders) {
    server.closeAllConnections();
    server.close();
  }
  await stand.close();
});

describe('calls between services', () => {
  it('carry the calling service’s own token for the called one, and the person in words, never the person’s token', async () => {
    const who = { tenantId: 'acme', sub: 'alice', roles: ['user', 'admin'] };
    const token = await stand.issuer.tokenOf(who);
    const send = async (service: ServiceName, method: string, path: string, body?: object): Promise<Response> => {
      const response = await fetch(`${stand.url(service)}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      // A service that gets no processor time says so, and is asked again as every client does.
      return response.status === 503 ? send(service, method, path, body) : response;
    };

    const created = await send('session', 'POST', '/sessions', handshake());
    const { sessionId } = (await created.json()) as { sessionId: string };
    const action = { toolName: 'ReadFile', arguments: { path: '/home/person/shop/a.txt' } };
    const statuses = [
      created.status,
      (await send('policy', 'POST', '/policy/evaluate', { sessionId, action })).status,
      (await send('policy', 'PUT', '/kill-switch', { active: true, reason: 'Exercise' })).status,
      (await send('workspace', 'GET', '/workspaces')).status,
      (await send('approval', 'GET', `/approvals?sessionId=${sessionId}`)).status,
      (await send('audit', 'GET', '/events')).status,
      (await send('telemetry', 'POST', '/telemetry/traces', { resourceSpans: [] })).status,
      (await send('tools', 'GET', '/tools')).status,
    ];
    // The change reaches the Audit Service beside the request.
    while (!seen.some(({ to }) => to === 'audit')) await new Promise((resolve) => setImmediate(resolve));

    expect(statuses).toEqual([201, 200, 200, 200, 200, 200, 202, 200]);
    const authorised = seen.filter((call) => call.token !== '');
    const pairs = authorised.map((call) => {
      const { sub, aud, tenant_id: tenant, roles } = decodeJwt(call.token);
      return JSON.stringify([sub, aud, tenant, roles, call.to]);
    });
    const expected = [
      ['session-service', 'workspace'],
      ['session-service', 'policy'],
      ['policy-service', 'session'],
      ['policy-service', 'audit'],
    ].map(([from, to]) => JSON.stringify([from, `urn:steward:service:${to}`, 'system', ['service'], to]));
    expect(new Set(pairs)).toEqual(new Set(expected));
    expect(authorised.filter((call) => call.token === token)).toEqual([]);
    expect(
      authorised.filter(({ to }) => to !== 'policy').map(({ actingFor: { tenant, user } }) => `${tenant} ${user}`),
    ).toEqual(expect.arrayContaining(['acme alice']));
  });
});
