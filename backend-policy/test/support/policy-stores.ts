import { afterAll, beforeAll } from '@jest/globals';
import { startDynamo } from '@steward/service-kit/test-support';
import type { RunningDynamo } from '@steward/service-kit/test-support';
import type { PolicyRepository } from '../../src/policies/repository.ts';
import { freshRepository } from './policy-world.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** The stores that tests of policies run on, by name. */
export const storeNames = ['memory', 'DynamoDB'] as const;

/** What the calling test file needs for stores of both kinds: a folder and an engine of its own, ended after its tests. */
export function usePolicyStores(): {
  readonly folder: string;
  readonly dynamo: () => RunningDynamo;
  fresh(store: string): Promise<PolicyRepository>;
} {
  const folder = temporaryFolder();
  let dynamo: RunningDynamo | undefined;
  beforeAll(async () => {
    dynamo = await startDynamo();
  }, 60_000);
  afterAll(() => dynamo?.close());
  return { folder, dynamo: () => dynamo!, fresh: (store) => freshRepository(store, dynamo) };
}
