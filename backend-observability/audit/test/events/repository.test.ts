import { afterAll, beforeAll } from '@jest/globals';
import { startDynamo } from '@steward/service-kit/test-support';
import type { RunningDynamo } from '@steward/service-kit/test-support';
import { DynamoEventRepository } from '../../src/events/repository.dynamo.ts';
import { MemoryEventRepository } from '../../src/events/repository.memory.ts';
import { describeEventRepository } from './repository.contract.ts';

let dynamo: RunningDynamo;

beforeAll(async () => {
  dynamo = await startDynamo();
});

afterAll(() => dynamo.close());

describeEventRepository('memory', () => new MemoryEventRepository());
describeEventRepository('DynamoDB', () => new DynamoEventRepository(dynamo));
