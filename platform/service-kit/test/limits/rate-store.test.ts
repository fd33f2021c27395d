import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DynamoRateStore, MemoryRateStore } from '../../src/index.ts';
import { startDynamo, testScope } from '../../src/test-support/index.ts';
import type { RunningDynamo } from '../../src/test-support/index.ts';
import { describeRateStore } from './rate-store.contract.ts';

let dynamo: RunningDynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

describeRateStore('memory', () => new MemoryRateStore());
describeRateStore('DynamoDB', () => new DynamoRateStore(dynamo));

describe('rates of several processes', () => {
  it('come out of one bucket', async () => {
    const processes = [new DynamoRateStore(dynamo), new DynamoRateStore(dynamo)];
    const now = new Date();

    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        processes[index % 2]?.take(testScope('acme'), ['shared'], 1, { perSecond: 1, burst: 12 }, now),
      ),
    );

    expect(answers.filter((answer) => answer?.taken)).toHaveLength(12);
  });

  it('costs one write per take, whether the bucket is in use or has filled again', async () => {
    const sent: string[] = [];
    const client = {
      send: (command: object) => {
        sent.push(command.constructor.name);
        return dynamo.client.send(command as never);
      },
    };
    const store = new DynamoRateStore({ env: dynamo.env, client: client as never });
    const start = Date.parse('2026-02-21T15:00:00.000Z');

    for (const atMs of [0, 100, 60_000, 60_100])
      await store.take(testScope('acme'), ['counted'], 5, { perSecond: 10, burst: 20 }, new Date(start + atMs));

    expect(sent).toEqual(['PutItemCommand', 'UpdateItemCommand', 'PutItemCommand', 'UpdateItemCommand']);
  });
});
