import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { acme } from '../fixtures.ts';
import { newId } from '@steward/sdk';
import { createFixture, durableStores, memoryStores } from '../app-fixture.ts';
import type { AppFixture, Stores } from '../app-fixture.ts';

const dayMs = 24 * 60 * 60 * 1000;

describe.each([
  ['memory', memoryStores],
  ['DynamoDB and files', durableStores],
])('WorkspacePurge with %s', (_name, createStores) => {
  let stores: Stores;
  let app: AppFixture;

  beforeAll(async () => {
    stores = await createStores();
    app = await createFixture(stores);
  });

  afterAll(() => stores.close());

  async function createWorkspace(): Promise<string> {
    const token = await app.token('alice');
    return (await app.api.post('/workspaces', { token, body: { workspaceScope: 'general' } })).body.workspaceId;
  }

  async function createArtifact(workspaceId: string, body: object = {}): Promise<string> {
    const token = await app.token('alice');
    const facts = { sessionId: newId('sess'), artifactType: 'file', name: 'f', contentType: 'text/plain', ...body };
    return (await app.api.post(`/workspaces/${workspaceId}/artifacts`, { token, body: facts })).body.artifactId;
  }

  async function contentCount(workspaceId: string): Promise<number> {
    let count = 0;
    for await (const _key of stores.content.list(acme, workspaceId)) count += 1;
    return count;
  }

  it('removes a workspace with its contents after 90 days without activity, and not before', async () => {
    const inactive = await createWorkspace();
    await createArtifact(inactive, { content: 'old' });
    app.clock.advance(89 * dayMs);
    const active = await createWorkspace();
    const early = await app.purge.run();
    app.clock.advance(dayMs + 1);

    const report = await app.purge.run();

    expect(early.workspaces).toBe(0);
    expect(report).toEqual({ workspaces: 1, uploads: 0, orphans: 0, failures: 0 });
    expect(await stores.workspaces.find(acme, inactive)).toBeUndefined();
    expect(await contentCount(inactive)).toBe(0);
    expect(await stores.workspaces.find(acme, active)).toBeDefined();
  });

  it('sweeps uploads that never finished, and nothing that is stored', async () => {
    const workspaceId = await createWorkspace();
    const stored = await createArtifact(workspaceId, { content: 'kept' });
    const pending = await createArtifact(workspaceId);
    await stores.content.put(acme, { workspaceId, artifactId: pending }, piece('torn'), { sizeBytes: 4 });
    app.clock.advance(dayMs);

    const report = await app.purge.run();

    expect(report).toEqual({ workspaces: 0, uploads: 1, orphans: 0, failures: 0 });
    expect(await stores.artifacts.find(acme, workspaceId, pending)).toBeUndefined();
    expect(await stores.artifacts.find(acme, workspaceId, stored)).toMatchObject({ status: 'stored' });
    expect(await contentCount(workspaceId)).toBe(1);
  });

  it('finishes deletions that were interrupted', async () => {
    const workspaceId = await createWorkspace();
    await createArtifact(workspaceId, { content: 'half' });
    await stores.workspaces.beginDeletion(acme, workspaceId, app.clock.now().toISOString());

    const report = await app.purge.run();

    expect(report).toMatchObject({ workspaces: 1, failures: 0 });
    expect(await stores.workspaces.find(acme, workspaceId)).toBeUndefined();
    expect(await contentCount(workspaceId)).toBe(0);
  });

  it('removes content whose workspace is gone', async () => {
    const workspaceId = newId('ws');
    await stores.content.put(acme, { workspaceId, artifactId: newId('art') }, piece('lost'), { sizeBytes: 4 });

    const report = await app.purge.run();

    expect(report).toMatchObject({ orphans: 1, failures: 0 });
    expect(await contentCount(workspaceId)).toBe(0);
  });
});

async function* piece(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
