import { afterAll, beforeAll } from '@jest/globals';
import { startDynamo } from '@steward/service-kit/test-support';
import type { RunningDynamo } from '@steward/service-kit/test-support';
import { DynamoWorkspaceRepository } from '../../src/workspaces/repository.dynamo.ts';
import { MemoryWorkspaceRepository } from '../../src/workspaces/repository.memory.ts';
import { describeWorkspaceRepository } from './repository.contract.ts';

let dynamo: RunningDynamo;

beforeAll(async () => {
  dynamo = await startDynamo();
});

afterAll(() => dynamo.close());

describeWorkspaceRepository('memory', () => new MemoryWorkspaceRepository());
describeWorkspaceRepository('DynamoDB', () => new DynamoWorkspaceRepository(dynamo));
