import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '@steward/sdk';
import { startDynamo } from '@steward/service-kit/test-support';
import type { RunningDynamo } from '@steward/service-kit/test-support';
import { DynamoWorkspaceRepository } from '../../src/workspaces/repository.dynamo.ts';
import { MemoryWorkspaceRepository } from '../../src/workspaces/repository.memory.ts';
import { acme, alice, localWorkspace, minute } from '../fixtures.ts';
import { describeWorkspaceRepository } from './repository.contract.ts';

let dynamo: RunningDynamo;

beforeAll(async () => {
  dynamo = await startDynamo();
});

afterAll(() => dynamo.close());

describeWorkspaceRepository('memory', () => new MemoryWorkspaceRepository());
describeWorkspaceRepository('DynamoDB', () => new DynamoWorkspaceRepository(dynamo));

it('goes on with the workspace that another process gave to a folder after it deleted the known one', async () => {
  const here = new DynamoWorkspaceRepository(dynamo);
  const there = new DynamoWorkspaceRepository(dynamo);
  const path = `/home/alice/${newId('ws')}`;
  const old = localWorkspace(alice, path);
  await here.createLocal(acme, old);
  // From now on this process knows the folder.
  const known = await here.createLocal(acme, localWorkspace(alice, path, minute(1)));
  await there.beginDeletion(acme, old.workspaceId, minute(2));

  const inBetween = await there.createLocal(acme, localWorkspace(alice, path, minute(3)));
  const after = await here.createLocal(acme, localWorkspace(alice, path, minute(4)));
  const again = await here.createLocal(acme, localWorkspace(alice, path, minute(5)));

  const made = inBetween.record.workspaceId;
  expect([known, after, again].map(({ record, created }) => [record.workspaceId, created])).toEqual([
    [old.workspaceId, false],
    [made, false],
    [made, false],
  ]);
  expect(again.record.lastActiveAt).toBe(minute(5));
});
