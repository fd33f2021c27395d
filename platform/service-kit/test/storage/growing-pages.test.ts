import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { QueryCommand } from '@aws-sdk/client-dynamodb';
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

  it('gives the same rows in parts, and asks for a part when it is taken', async () => {
    let asked = 0;
    const client = {
      send: (command: object) => {
        if (command instanceof QueryCommand) asked += 1;
        return dynamo.client.send(command as never);
      },
    };
    const table = scopedTable({ env: dynamo.env, client: client as never }, 'audit-events', testScope('globex'));
    for (let seq = 1; seq <= 7; seq += 1) await table.run(table.put({ tenantId: 'globex', seq }, ['stream']));

    const parts: unknown[][] = [];
    const askedBefore: number[] = [];
    for await (const rows of table.queryParts({ id: ['stream'], pageSize: 3 })) {
      askedBefore.push(asked);
      parts.push(rows);
    }

    expect(askedBefore).toEqual([1, 2, 3]);
    expect(parts.map((rows) => rows.length)).toEqual([3, 3, 1]);
    expect(parts.flat()).toEqual(Array.from({ length: 7 }, (_, index) => ({ tenantId: 'globex', seq: index + 1 })));
  });
});
