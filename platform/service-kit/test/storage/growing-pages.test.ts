import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { scopedTable } from '../../src/index.ts';
import { startDynamo, testScope } from '../../src/test-support/index.ts';
import type { RunningDynamo } from '../../src/test-support/index.ts';

let dynamo: RunningDynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

describe('a list that begins with a small part', () => {
  it('gives every row once and in order, in parts that grow up to their most', async () => {
    const asked: (number | undefined)[] = [];
    const client = {
      send: (command: object) => {
        if (command instanceof QueryCommand) asked.push(command.input.Limit);
        return dynamo.client.send(command as never);
      },
    };
    const table = scopedTable({ env: dynamo.env, client: client as never }, 'audit-events', testScope('acme'));
    for (let seq = 1; seq <= 30; seq += 1) await table.run(table.put({ tenantId: 'acme', seq }, ['stream']));

    const found: unknown[] = [];
    for await (const row of table.query({ id: ['stream'], firstPageSize: 3, pageSize: 10 })) found.push(row['seq']);

    expect(found).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    expect(asked.slice(0, 4)).toEqual([3, 10, 10, 10]);
  });
});
