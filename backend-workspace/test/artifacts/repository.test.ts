import { afterAll, beforeAll } from '@jest/globals';
import { startDynamo } from '@steward/service-kit/test-support';
import type { RunningDynamo } from '@steward/service-kit/test-support';
import { DynamoArtifactRepository } from '../../src/artifacts/repository.dynamo.ts';
import { MemoryArtifactRepository } from '../../src/artifacts/repository.memory.ts';
import { DynamoWorkspaceRepository } from '../../src/workspaces/repository.dynamo.ts';
import { MemoryWorkspaceRepository } from '../../src/workspaces/repository.memory.ts';
import { describeArtifactRepository } from './repository.contract.ts';

let dynamo: RunningDynamo;

beforeAll(async () => {
  dynamo = await startDynamo();
});

afterAll(() => dynamo.close());

describeArtifactRepository('memory', () => {
  const workspaces = new MemoryWorkspaceRepository();
  return { workspaces, artifacts: new MemoryArtifactRepository({ workspaces }) };
});

describeArtifactRepository('DynamoDB', () => ({
  workspaces: new DynamoWorkspaceRepository(dynamo),
  artifacts: new DynamoArtifactRepository(dynamo),
}));
