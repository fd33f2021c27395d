import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { createDynamoClient } from '../../src/index.ts';
import { isTemporaryStoreFailure } from '../../src/storage/temporary-failure.ts';
import { freePort } from '../../src/test-support/index.ts';

/** What a store does with a request: answers it, or breaks off. */
type Answer = { readonly status: number; readonly body: object } | 'breaks off' | 'breaks off amid the answer';

const found: Answer = { status: 200, body: { Item: { tenantId: { S: 'acme' } } } };
const get = new GetItemCommand({ TableName: 'test-things', Key: { id: { S: 'one' } } });

const answers: Answer[] = [];
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    const answer = answers.shift() ?? found;
    if (answer === 'breaks off') return void request.socket.destroy();
    if (answer === 'breaks off amid the answer') {
      response.writeHead(200, { 'content-length': 100 });
      response.write('{', () => request.socket.destroy());
      return;
    }
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify(answer.body));
  });
});
let client: ReturnType<typeof createDynamoClient>;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = createDynamoClient({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
afterAll(async () => {
  client.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('the client of the store', () => {
  it('answers each of many calls at once with its own rows', async () => {
    answers.push(...[1, 2, 3, 4, 5].map((n) => ({ status: 200, body: { Item: { n: { N: String(n) } } } })));

    const rows = await Promise.all([1, 2, 3, 4, 5].map(async () => (await client.send(get)).Item?.['n']?.N));

    expect(rows.sort()).toEqual(['1', '2', '3', '4', '5']);
  });

  it.each<[string, Answer]>([
    ['breaks off', 'breaks off'],
    ['is throttled', { status: 400, body: { __type: 'x#ThrottlingException', message: 'Slow down.' } }],
    ['fails inside', { status: 500, body: { __type: 'x#InternalServerError', message: 'Oh.' } }],
  ])('repeats a call when the store %s', async (_name, answer) => {
    answers.push(answer);

    const { Item, $metadata } = await client.send(get);

    expect([Item, $metadata.attempts]).toEqual([{ tenantId: { S: 'acme' } }, 2]);
  });

  it('names a refusal as the store does, and does not repeat it', async () => {
    answers.push({ status: 400, body: { __type: 'x#ConditionalCheckFailedException', message: 'No.' } });

    await expect(client.send(get)).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      $metadata: { attempts: 1 },
    });
  });

  it('takes an answer that breaks off for a temporary failure', async () => {
    answers.push('breaks off amid the answer');

    const error: unknown = await client.send(get).catch((cause: unknown) => cause);

    expect(isTemporaryStoreFailure(error)).toBe(true);
  });

  it('gives up on a store that is not there as a temporary failure', async () => {
    const port = await freePort();
    const lonely = createDynamoClient({ endpoint: `http://127.0.0.1:${port}` });

    await expect(lonely.send(get)).rejects.toMatchObject({
      message: expect.stringContaining('ECONNREFUSED'),
      $metadata: { attempts: 4 },
    });

    lonely.destroy();
  });

  it('leaves out the middleware that nothing needs', () => {
    const names = client.middlewareStack.identify().join(' ');

    expect(names).not.toMatch(/logger|recursionDetection|userAgent/i);
    expect(names).toMatch(/hostHeader/);
  });
});
