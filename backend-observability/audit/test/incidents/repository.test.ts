import { afterAll, beforeAll } from '@jest/globals';
import { startDynamo } from '@steward/service-kit/test-support';
import type { RunningDynamo } from '@steward/service-kit/test-support';
import { DynamoIncidentRepository } from '../../src/incidents/repository.dynamo.ts';
import { MemoryIncidentRepository } from '../../src/incidents/repository.memory.ts';
import { describeIncidentRepository } from './repository.contract.ts';

let dynamo: RunningDynamo;

beforeAll(async () => {
  dynamo = await startDynamo();
});

afterAll(() => dynamo.close());

describeIncidentRepository('memory', () => new MemoryIncidentRepository());
describeIncidentRepository('DynamoDB', () => new DynamoIncidentRepository(dynamo));
