import { beforeEach, describe, expect, it } from '@jest/globals';
import type { WorkspaceRepository } from '../../src/workspaces/repository.ts';
import type { WorkspaceRecord } from '../../src/workspaces/workspace.ts';
import { alice, bob, generalWorkspace, localWorkspace, minute, otherAlice } from '../fixtures.ts';
import { newId } from '@steward/sdk';

/** What every store of workspaces promises. */
export function describeWorkspaceRepository(name: string, create: () => WorkspaceRepository): void {
  describe(`workspaces in ${name}`, () => {
    let workspaces: WorkspaceRepository;

    beforeEach(() => {
      workspaces = create();
    });

    it('finds a workspace as it was stored', async () => {
      const record = generalWorkspace(alice);

      await workspaces.create(record);

      expect(await workspaces.find(record.workspaceId)).toEqual(record);
      expect(await workspaces.find(newId('ws'))).toBeUndefined();
    });

    it('hands out copies, so that changing one changes nothing in the store', async () => {
      const record = generalWorkspace(alice);
      await workspaces.create(record);

      Object.assign((await workspaces.find(record.workspaceId)) as WorkspaceRecord, { userId: 'eve' });

      expect(await workspaces.find(record.workspaceId)).toEqual(record);
    });

    it('yields one workspace to all who create the same local one at once', async () => {
      const path = `/home/alice/${newId('ws')}`;
      const candidates = Array.from({ length: 12 }, () => localWorkspace(alice, path));

      const results = await Promise.all(candidates.map((candidate) => workspaces.createLocal(candidate)));

      expect(new Set(results.map(({ record }) => record.workspaceId)).size).toBe(1);
      expect(results.filter(({ created }) => created)).toHaveLength(1);
      const unused = candidates.filter(({ workspaceId }) => workspaceId !== results[0]?.record.workspaceId);
      for (const { workspaceId } of unused) expect(await workspaces.find(workspaceId)).toBeUndefined();
    });

    it('keeps local workspaces of other people and tenants apart', async () => {
      const path = `/shared/${newId('ws')}`;

      const results = await Promise.all(
        [alice, bob, otherAlice].map((owner) => workspaces.createLocal(localWorkspace(owner, path))),
      );

      expect(results.map(({ created }) => created)).toEqual([true, true, true]);
    });

    it('marks an existing local workspace active', async () => {
      const first = localWorkspace(alice, `/home/alice/${newId('ws')}`, minute(1));
      await workspaces.createLocal(first);

      const again = await workspaces.createLocal({ ...first, workspaceId: newId('ws'), lastActiveAt: minute(7) });

      expect(again).toEqual({ record: { ...first, lastActiveAt: minute(7), updatedAt: minute(7) }, created: false });
    });

    it('lists the workspaces of one person only, last active first, page by page', async () => {
      const owner = { tenantId: 'acme', userId: newId('sess') };
      const records = [3, 1, 5, 2, 4].map((n) => generalWorkspace(owner, minute(n)));
      for (const record of [...records, generalWorkspace({ ...owner, tenantId: 'globex' }), generalWorkspace(bob)]) {
        await workspaces.create(record);
      }

      const first = await workspaces.listByOwner(owner, { limit: 2 });
      const second = await workspaces.listByOwner(owner, { limit: 2, ...(first.next && { after: first.next }) });
      const third = await workspaces.listByOwner(owner, { limit: 2, ...(second.next && { after: second.next }) });

      const times = [first, second, third].map(({ items }) => items.map(({ lastActiveAt }) => lastActiveAt));
      expect(times).toEqual([[minute(5), minute(4)], [minute(3), minute(2)], [minute(1)]]);
      expect(third.next).toBeUndefined();
    });

    it('takes a workspace whose deletion began out of the lists and frees its path, but keeps its record', async () => {
      const owner = { tenantId: 'acme', userId: newId('sess') };
      const record = localWorkspace(owner, '/home/project');
      await workspaces.createLocal(record);

      const begun = await workspaces.beginDeletion(record.workspaceId, minute(9));
      const fresh = await workspaces.createLocal(localWorkspace(owner, '/home/project', minute(10)));

      expect(begun).toBe(true);
      expect(await workspaces.find(record.workspaceId)).toMatchObject({ deletingSince: minute(9) });
      expect(fresh.created).toBe(true);
      const listed = await workspaces.listByOwner(owner, { limit: 10 });
      expect(listed.items.map(({ workspaceId }) => workspaceId)).toEqual([fresh.record.workspaceId]);
    });

    it('leaves the new workspace of a path alone when the deletion of the old one is repeated', async () => {
      const old = localWorkspace(alice, `/home/${newId('ws')}`);
      await workspaces.createLocal(old);
      await workspaces.beginDeletion(old.workspaceId, minute(9));
      const fresh = await workspaces.createLocal({ ...old, workspaceId: newId('ws') });

      await workspaces.beginDeletion(old.workspaceId, minute(11));
      await workspaces.remove(old.workspaceId);

      const again = await workspaces.createLocal({ ...old, workspaceId: newId('ws') });
      expect(again.record.workspaceId).toBe(fresh.record.workspaceId);
      expect(await workspaces.find(old.workspaceId)).toBeUndefined();
    });

    it('begins no deletion of what is unknown or was active meanwhile', async () => {
      const record = generalWorkspace(alice, minute(5));
      await workspaces.create(record);

      expect(await workspaces.beginDeletion(newId('ws'), minute(9))).toBe(false);
      expect(await workspaces.beginDeletion(record.workspaceId, minute(9), { inactiveSince: minute(5) })).toBe(false);
      expect(await workspaces.beginDeletion(record.workspaceId, minute(9), { inactiveSince: minute(6) })).toBe(true);
    });

    it('removes only what is being deleted', async () => {
      const record = generalWorkspace(alice);
      await workspaces.create(record);

      await workspaces.remove(record.workspaceId);

      expect(await workspaces.find(record.workspaceId)).toEqual(record);
    });

    it('names inactive and half-deleted workspaces for the purge, and no others', async () => {
      const inactive = generalWorkspace(alice, minute(1));
      const active = localWorkspace(alice, `/home/${newId('ws')}`, minute(50));
      const interrupted = generalWorkspace(bob, minute(55));
      await workspaces.create(inactive);
      await workspaces.createLocal(active);
      await workspaces.create(interrupted);
      await workspaces.beginDeletion(interrupted.workspaceId, minute(56));

      const named: string[] = [];
      for await (const workspaceId of workspaces.listPurgeable(minute(30))) named.push(workspaceId);

      const ids = [inactive, active, interrupted].map(({ workspaceId }) => workspaceId);
      expect(named.filter((id) => ids.includes(id)).sort()).toEqual(
        [inactive.workspaceId, interrupted.workspaceId].sort(),
      );
    });

    it('answers a ping', async () => {
      await expect(workspaces.ping()).resolves.toBeUndefined();
    });
  });
}
