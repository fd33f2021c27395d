import { describe, expect, it } from '@jest/globals';
import { newId } from '@steward/sdk';
import { createManualClock } from '@steward/service-kit/test-support';
import type { ContentKey, ContentStore } from '../../src/artifacts/content.ts';
import { ArtifactUploads } from '../../src/artifacts/uploads.ts';
import { WorkspaceDeletion } from '../../src/workspaces/deletion.ts';
import { memoryStores } from '../app-fixture.ts';
import type { Stores } from '../app-fixture.ts';
import { acme, alice, generalWorkspace } from '../fixtures.ts';

async function prepare() {
  const stores = await memoryStores();
  const clock = createManualClock();
  const workspace = generalWorkspace(alice);
  await stores.workspaces.create(acme, workspace);
  const { workspaceId } = workspace;
  return { ...stores, clock, workspaceId };
}

function uploadsOf(stores: Omit<Stores, 'close'> & { clock: ReturnType<typeof createManualClock> }): ArtifactUploads {
  return new ArtifactUploads(stores);
}

const input = {
  sessionId: newId('sess'),
  artifactType: 'file' as const,
  name: 'notes.txt',
  contentType: 'text/plain',
  content: 'hello',
};

/** The same store with some of its methods changed. */
function withChanges(store: ContentStore, changes: Partial<ContentStore>): ContentStore {
  return new Proxy(store, {
    get(target, name) {
      const changed = changes[name as keyof ContentStore];
      if (changed !== undefined) return changed;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

async function keysOf(content: ContentStore, workspaceId: string): Promise<ContentKey[]> {
  const keys: ContentKey[] = [];
  for await (const key of content.list(acme, workspaceId)) keys.push(key);
  return keys;
}

describe('WorkspaceDeletion', () => {
  it('can be finished after it was interrupted between the stores', async () => {
    const world = await prepare();
    await uploadsOf(world).create(acme, world.workspaceId, input, { newId });
    const breaking = withChanges(world.content, { removeAll: () => Promise.reject(new Error('disk away')) });

    await expect(
      new WorkspaceDeletion({ ...world, content: breaking }).delete(acme, world.workspaceId),
    ).rejects.toThrow('disk away');
    const receipt = await new WorkspaceDeletion(world).delete(acme, world.workspaceId);

    expect(receipt).toEqual({
      workspaceId: world.workspaceId,
      deletedArtifacts: 1,
      deletedBytes: 5,
      verified: true,
      deletedAt: '2026-02-21T15:04:22.000Z',
    });
    expect(await keysOf(world.content, world.workspaceId)).toEqual([]);
    expect(await world.workspaces.find(acme, world.workspaceId)).toBeUndefined();
  });

  it('never says verified while something is left, and keeps the mark', async () => {
    const world = await prepare();
    await uploadsOf(world).create(acme, world.workspaceId, input, { newId });
    const clinging = withChanges(world.content, { removeAll: async () => {} });

    const deleting = new WorkspaceDeletion({ ...world, content: clinging }).delete(acme, world.workspaceId);

    await expect(deleting).rejects.toMatchObject({ code: 'INTERNAL_ERROR', retryable: true });
    expect(await world.workspaces.find(acme, world.workspaceId)).toMatchObject({ deletingSince: expect.any(String) });
  });

  it('refuses uploads that begin during the deletion', async () => {
    const world = await prepare();
    await world.workspaces.beginDeletion(acme, world.workspaceId, world.clock.now().toISOString());

    await expect(uploadsOf(world).create(acme, world.workspaceId, input, { newId })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await keysOf(world.content, world.workspaceId)).toEqual([]);
  });

  it('leaves nothing behind when content arrives while the workspace is deleted', async () => {
    const world = await prepare();
    const deletion = new WorkspaceDeletion(world);
    const slow = withChanges(world.content, {
      put: async (scope, key, source, expected) => {
        await deletion.delete(acme, world.workspaceId);
        return world.content.put(scope, key, source, expected);
      },
    });

    const upload = uploadsOf({ ...world, content: slow }).create(acme, world.workspaceId, input, { newId });

    await expect(upload).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await keysOf(world.content, world.workspaceId)).toEqual([]);
    expect(await world.artifacts.count(acme, world.workspaceId)).toBe(0);
  });
});
