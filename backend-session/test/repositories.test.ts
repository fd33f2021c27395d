import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from '@jest/globals';
import { ensureTables } from '@steward/service-kit';
import { startDynamo } from '@steward/service-kit/test-support';
import type { RunningDynamo } from '@steward/service-kit/test-support';
import { DynamoSessionRepository } from '../src/sessions/repository.dynamo.ts';
import { MemorySessionRepository } from '../src/sessions/repository.memory.ts';
import { DynamoTaskRepository } from '../src/tasks/repository.dynamo.ts';
import { MemoryTaskRepository } from '../src/tasks/repository.memory.ts';
import { sessionRepositoryContract } from './sessions/repository.contract.ts';
import { taskRepositoryContract } from './tasks/repository.contract.ts';

let dynamo: RunningDynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

/** Tables of their own, so that every test begins with none of another's rows. */
async function freshTables() {
  const env = `t${randomUUID().slice(0, 8)}`;
  await ensureTables(dynamo.client, env);
  return { client: dynamo.client, env };
}

sessionRepositoryContract('memory', async () => new MemorySessionRepository());
sessionRepositoryContract('DynamoDB', async () => new DynamoSessionRepository(await freshTables()));
taskRepositoryContract('memory', async () => new MemoryTaskRepository());
taskRepositoryContract('DynamoDB', async () => new DynamoTaskRepository(await freshTables()));
