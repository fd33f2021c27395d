import { afterAll, beforeAll } from '@jest/globals';
import { startDynamo } from '@steward/service-kit/test-support';
import type { RunningDynamo } from '@steward/service-kit/test-support';
import { DynamoApprovalRepository } from '../../src/approvals/repository.dynamo.ts';
import { MemoryApprovalRepository } from '../../src/approvals/repository.memory.ts';
import { describeApprovalRepository } from './repository.contract.ts';

let dynamo: RunningDynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

describeApprovalRepository('memory', () => new MemoryApprovalRepository());
describeApprovalRepository('DynamoDB', () => new DynamoApprovalRepository(dynamo));
