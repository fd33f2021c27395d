import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@steward/sdk';
import { scopedTable, systemScope } from '@steward/service-kit';
import { startDynamo, testScope } from '@steward/service-kit/test-support';
import type { RunningDynamo } from '@steward/service-kit/test-support';
import { DynamoEventRepository } from '../../src/events/repository.dynamo.ts';
import { DynamoPackRepository } from '../../src/packs/repository.dynamo.ts';
import { MemoryPackRepository } from '../../src/packs/repository.memory.ts';
import { describePackRepository } from './repository.contract.ts';

let dynamo: RunningDynamo;

beforeAll(async () => {
  dynamo = await startDynamo();
});

afterAll(() => dynamo.close());

describePackRepository('memory', () => new MemoryPackRepository());
describePackRepository('DynamoDB', () => new DynamoPackRepository(dynamo));

describe('packs beside events in DynamoDB', () => {
  const hour = '2026-02-21T12:00:00.000Z';
  const part = (text: string) => new TextEncoder().encode(text);

  it('leave out a pack of which a part is missing or of another reading', async () => {
    const scope = testScope(`tenant-${newId('sess').slice(-8).toLowerCase()}`);
    const packs = new DynamoPackRepository(dynamo);
    await packs.put(scope, { hour, readAt: '2026-02-21T14:00:00.000Z', parts: [part('a'), part('b')] });
    const table = scopedTable(dynamo, 'audit-events', scope);
    const half = { readAt: '2026-02-21T15:00:00.000Z', part: 0, parts: 2, text: part('c') };

    await table.run(table.put({ tenantId: scope.tenantId, seq: 12_001, hour, ...half }, ['packed', '2026-02-21']));

    expect((await packs.readHours(scope, { day: '2026-02-21', first: 0, last: 23 })).packs.size).toBe(0);
  });

  it('are no events for the check of chains', async () => {
    const scope = testScope(`tenant-${newId('sess').slice(-8).toLowerCase()}`);
    const packs = new DynamoPackRepository(dynamo);
    await packs.put(scope, { hour, readAt: '2026-02-21T14:00:00.000Z', parts: [part('a')] });
    await packs.markLate(scope, hour, '2026-02-21T15:00:00.000Z');

    const slice = await new DynamoEventRepository(dynamo).readSlice(systemScope('chain-verification'), 1000);

    expect(slice.rows.filter(({ tenantId }) => tenantId === scope.tenantId)).toEqual([]);
  });
});
