import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from '@jest/globals';
import { ensureTables } from '@steward/service-kit';
import { startDynamo } from '@steward/service-kit/test-support';
import type { RunningDynamo } from '@steward/service-kit/test-support';
import { DynamoPolicyRepository } from '../src/policies/repository.dynamo.ts';
import { MemoryPolicyRepository } from '../src/policies/repository.memory.ts';
import { policyRepositoryContract } from './policies/repository.contract.ts';

let dynamo: RunningDynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

policyRepositoryContract('memory', async () => new MemoryPolicyRepository());
policyRepositoryContract('DynamoDB', async () => {
  const env = `t${randomUUID().slice(0, 8)}`;
  await ensureTables(dynamo.client, env);
  return new DynamoPolicyRepository({ client: dynamo.client, env });
});
