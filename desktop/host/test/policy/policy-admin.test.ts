import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { PolicyPaths } from '@steward/sdk';
import { createServiceClient } from '@steward/sdk';
import { createPolicyAdmin } from '../../src/policy/policy-admin.ts';
import type { PolicyAdmin } from '../../src/policy/policy-admin.ts';

let server: Server;
let admin: PolicyAdmin;
let requests: { method: string; url: string; body: unknown; token: string | undefined }[];
let answer: { status: number; body: unknown };
beforeAll(async () => {
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const body: unknown = text === '' ? undefined : JSON.parse(text);
      requests.push({
        method: request.method ?? '',
        url: request.url ?? '',
        body,
        token: request.headers.authorization,
      });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  admin = createPolicyAdmin({
    policies: createServiceClient<PolicyPaths>(baseUrl, { getToken: async () => 'token-of-carol' }),
    authorized: (call) => call(),
  });
});
afterAll(() => void server.close());
beforeEach(() => {
  requests = [];
  answer = { status: 200, body: { items: [] } };
});

const simulationId = 'sim_01ARZ3NDEKTSV4RRFFQ69G5FAV';
const span = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z' };

describe('what an admin does in the app', () => {
  it.each<[string, () => Promise<unknown>, string, string, unknown]>([
    ['lists drafts', () => admin.listPolicies({ status: 'draft' }), 'GET', '/v1/policies?status=draft', undefined],
    ['looks at one', () => admin.getPolicy({ version: 3 }), 'GET', '/v1/policies/3', undefined],
    [
      'begins a draft',
      () => admin.createPolicyDraft({ template: 'Read only' }),
      'POST',
      '/v1/policies',
      { template: 'Read only' },
    ],
    [
      'publishes',
      () => admin.publishPolicy({ version: 3, reason: 'Why.', revision: 2 }),
      'POST',
      '/v1/policies/3/publish',
      { reason: 'Why.', revision: 2 },
    ],
    [
      'rolls back',
      () => admin.rollbackPolicy({ version: 1, reason: 'Why.' }),
      'POST',
      '/v1/policies/1/rollback',
      { reason: 'Why.' },
    ],
    ['checks a text', () => admin.validatePolicy({ text: '{' }), 'POST', '/v1/policy-validation', { text: '{' }],
    ['compares', () => admin.diffPolicy({ toVersion: 2 }), 'POST', '/v1/policy-diff', { toVersion: 2 }],
    [
      'simulates',
      () => admin.simulatePolicy({ ...span, version: 2 }),
      'POST',
      '/v1/policy/simulate',
      { ...span, version: 2 },
    ],
    [
      'asks for progress',
      () => admin.getSimulation({ simulationId }),
      'GET',
      `/v1/policy/simulations/${simulationId}`,
      undefined,
    ],
    [
      'throws the switch',
      () => admin.setKillSwitch({ active: true, reason: 'Why.' }),
      'PUT',
      '/v1/kill-switch',
      { active: true, reason: 'Why.' },
    ],
  ])('%s: one request to the Policy Service with their own token', async (_name, call, method, url, body) => {
    await call();

    expect(requests).toEqual([{ method, url, body, token: 'Bearer token-of-carol' }]);
  });

  it('is told of a conflict with the draft as it is now', async () => {
    const current = { version: 3, revision: 5 };
    answer = { status: 409, body: { code: 'CONFLICT', message: 'Changed.', retryable: false, details: { current } } };

    const saving = admin.updatePolicyDraft({ version: 3, revision: 4, content: {} as never });

    await expect(saving).rejects.toMatchObject({ code: 'CONFLICT', details: { current } });
  });
});
