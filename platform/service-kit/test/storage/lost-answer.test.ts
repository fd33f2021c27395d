import { createServer, request as httpRequest } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { DynamoIdempotencyStore, absent, createDynamoClient, createService, scopedTable } from '../../src/index.ts';
import type { DynamoDeps } from '../../src/index.ts';
import { createTestIssuer, silentLogger, startDynamo, testScope } from '../../src/test-support/index.ts';
import type { RunningDynamo, TestIssuer } from '../../src/test-support/index.ts';
import { things } from '../things-openapi.ts';
import type { ThingOperations } from '../things-openapi.ts';

let dynamo: RunningDynamo;
let proxy: Server;
let deps: DynamoDeps;
/** Names of operations whose next answer is lost after the engine has done them. */
let losing: string[];
let issuer: TestIssuer;

beforeAll(async () => {
  issuer = await createTestIssuer();
  dynamo = await startDynamo();
  losing = [];
  proxy = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const name = String(request.headers['x-amz-target']).split('.')[1] ?? '';
      const lost = losing.indexOf(name);
      if (lost >= 0) losing.splice(lost, 1);
      const { host: _host, ...headers } = request.headers;
      httpRequest(dynamo.endpoint, { method: 'POST', headers }, (answer) => {
        if (lost < 0) {
          response.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(response);
        } else answer.resume().on('end', () => request.socket.destroy());
      }).end(Buffer.concat(chunks));
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  deps = { client: createDynamoClient({ endpoint }), env: dynamo.env };
});
afterAll(async () => {
  deps.client.destroy();
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
  await dynamo.close();
});

const now = new Date('2026-02-21T15:04:22.000Z');
const acme = testScope('acme');

describe('a write whose answer is lost', () => {
  it('is not taken for another one’s when the client repeats it', async () => {
    const table = scopedTable(deps, 'incidents', acme);
    const row = { tenantId: 'acme', incidentId: 'inc_1', title: 'First', note: undefined };
    losing = ['PutItem'];

    await table.run(table.put(row, [], {}, { condition: absent }));
    const other = table.run(table.put({ ...row, title: 'Second' }, [], {}, { condition: absent }));

    await expect(other).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
    expect(losing).toEqual([]);
  });

  it('leaves the claim of an Idempotency-Key with the request that made it', async () => {
    const store = new DynamoIdempotencyStore(deps);
    losing = ['PutItem'];

    const claim = await store.claim(acme, 'lost', 'd', now);
    const other = await store.claim(acme, 'lost', 'd', now);

    expect([claim.state, other.state]).toEqual(['claimed', 'running']);
  });
});

describe('one Idempotency-Key at two processes', () => {
  it('takes effect once, and both clients get the same answer in the end', async () => {
    let effects = 0;
    const instance = () =>
      createService<ThingOperations>({
        name: 'things',
        openApi: things,
        handlers: {
          createThing: async ({ body }) => {
            effects += 1;
            await new Promise((resolve) => setImmediate(resolve));
            return { status: 201, body: { name: body.name, tenantId: 'acme', number: effects } };
          },
          getThing: () => ({ status: 200, body: { name: 'a', tenantId: 'acme', number: 1 } }),
          getKeys: () => ({ status: 200, body: { keys: [] } }),
        },
        authenticate: issuer.authenticate,
        idempotency: new DynamoIdempotencyStore({ client: dynamo.client, env: dynamo.env }),
        logger: silentLogger,
      }).app;
    const apps = [instance(), instance()] as const;
    const token = await issuer.tokenFor();
    const send = (index: number) =>
      supertest(apps[index % 2 === 0 ? 0 : 1])
        .post('/v1/things')
        .set({ authorization: `Bearer ${token}`, 'idempotency-key': 'race' })
        .send({ name: 'once' });

    const racing = await Promise.all(Array.from({ length: 8 }, (_, index) => send(index)));
    const after = await Promise.all([send(0), send(1)]);

    expect(effects).toBe(1);
    expect(racing.every(({ status, body }) => status === 201 || (status === 409 && body.retryable === true))).toBe(
      true,
    );
    expect(after.map(({ status, body }) => [status, body])).toEqual(
      Array(2).fill([201, { name: 'once', tenantId: 'acme', number: 1 }]),
    );
  });
});
