import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@steward/sdk';
import { createManualClock, startDynamo, testScope } from '@steward/service-kit/test-support';
import type { RunningDynamo } from '@steward/service-kit/test-support';
import { EventQuery } from '../../src/events/query.ts';
import { DynamoEventRepository } from '../../src/events/repository.dynamo.ts';
import { MemoryEventRepository } from '../../src/events/repository.memory.ts';
import type { EventRepository } from '../../src/events/repository.ts';
import { personOf, second, sentEvent, storedEvents } from '../fixtures.ts';

let dynamo: RunningDynamo;

beforeAll(async () => {
  dynamo = await startDynamo();
});

afterAll(() => dynamo.close());

describe.each([
  ['memory', () => new MemoryEventRepository()],
  ['DynamoDB', () => new DynamoEventRepository(dynamo)],
])('EventQuery with %s', (_name, createRepository) => {
  it('leads a person through much of others, in requests that each look at a part of it', async () => {
    const events: EventRepository = createRepository();
    const tenantId = newId('sess');
    const workspaceId = newId('ws');
    const mine = sentEvent({ tenantId, workspaceId, userId: 'ann', timestamp: second(1) });
    const ofOthers = Array.from({ length: 3_000 }, () => sentEvent({ tenantId, workspaceId, timestamp: second(2) }));
    const all = storedEvents([mine, ...ofOthers]);
    for (let at = 0; at < all.length; at += 45) await events.append(testScope(tenantId), all.slice(at, at + 45));
    const clock = createManualClock(second(3));
    const query = new EventQuery({ events, clock });

    const pages = [];
    let cursor: string | undefined;
    do {
      const page = await query.list(personOf('ann', tenantId), { from: second(0), ...(cursor && { cursor }) });
      pages.push(page.items.map(({ eventId }) => eventId));
      cursor = page.nextCursor;
    } while (cursor !== undefined);

    expect(pages).toEqual([[], [mine.eventId]]);
  });
});
