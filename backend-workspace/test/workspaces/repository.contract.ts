import { beforeEach, describe, expect, it } from '@jest/globals';
import type { WorkspaceRepository } from '../../src/workspaces/repository.ts';
import type { WorkspaceRecord } from '../../src/workspaces/workspace.ts';
import { systemScope } from '@steward/service-kit';
import { testScope } from '@steward/service-kit/test-support';
import {
  acme,
  alice,
  bob,
  generalWorkspace,
  globex,
  localWorkspace,
  minute,
  otherAlice,
  receiptOf,
} from '../fixtures.ts';
import { newId } from '@steward/sdk';

const jobs = systemScope('workspace-purge');

/** What every store of workspaces promises. */
export function describeWorkspaceRepository(name: string, create: () => WorkspaceRepository): void {
  describe(`workspaces in ${name}`, () => {
    let workspaces: WorkspaceRepository;

    beforeEach(() => {
      workspaces = create();
    });

    it('finds a workspace as it was stored', async () => {
      const record = generalWorkspace(alice);

      await workspaces.create(acme, record);

      expect(await workspaces.find(acme, record.workspaceId)).toEqual(record);
      expect(await workspaces.find(acme, newId('ws'))).toBeUndefined();
    });

    it('shows, changes and removes nothing of another tenant, and writes nothing for it', async () => {
      const record = generalWorkspace(alice, minute(1));
      await workspaces.create(acme, record);

      const found = await workspaces.find(globex, record.workspaceId);
      const begun = await workspaces.beginDeletion(globex, record.workspaceId, minute(9));
      await workspaces.remove(globex, receiptOf(record));

      expect([found, begun]).toEqual([undefined, false]);
      await expect(workspaces.create(globex, generalWorkspace(alice))).rejects.toThrow('another tenant');
      await expect(workspaces.createLocal(globex, localWorkspace(alice, '/p'))).rejects.toThrow('another tenant');
      expect(await workspaces.find(acme, record.workspaceId)).toEqual(record);
    });

    it('hands out copies, so that changing one changes nothing in the store', async () => {
      const record = generalWorkspace(alice);
      await workspaces.create(acme, record);

      Object.assign((await workspaces.find(acme, record.workspaceId)) as WorkspaceRecord, { userId: 'eve' });

      expect(await workspaces.find(acme, record.workspaceId)).toEqual(record);
    });

    it('yields one workspace to all who create the same local one at once', async () => {
      const path = `/home/alice/${newId('ws')}`;
      const candidates = Array.from({ length: 12 }, () => localWorkspace(alice, path));

      const results = await Promise.all(candidates.map((candidate) => workspaces.createLocal(acme, candidate)));

      expect(new Set(results.map(({ record }) => record.workspaceId)).size).toBe(1);
      expect(results.filter(({ created }) => created)).toHaveLength(1);
      const unused = candidates.filter(({ workspaceId }) => workspaceId !== results[0]?.record.workspaceId);
      for (const { workspaceId } of unused) expect(await workspaces.find(acme, workspaceId)).toBeUndefined();
    });

    it('keeps local workspaces of other people and tenants apart', async () => {
      const path = `/shared/${newId('ws')}`;

      const results = await Promise.all(
        [alice, bob, otherAlice].map((owner) =>
          workspaces.createLocal(testScope(owner.tenantId), localWorkspace(owner, path)),
        ),
      );

      expect(results.map(({ created }) => created)).toEqual([true, true, true]);
    });

    it('marks an existing local workspace active', async () => {
      const first = localWorkspace(alice, `/home/alice/${newId('ws')}`, minute(1));
      await workspaces.createLocal(acme, first);

      const again = await workspaces.createLocal(acme, { ...first, workspaceId: newId('ws'), lastActiveAt: minute(7) });

      expect(again).toEqual({ record: { ...first, lastActiveAt: minute(7), updatedAt: minute(7) }, created: false });
    });

    it('lists the workspaces of one person only, last active first, page by page', async () => {
      const owner = { tenantId: 'acme', userId: newId('sess') };
      const records = [3, 1, 5, 2, 4].map((n) => generalWorkspace(owner, minute(n)));
      for (const record of [...records, generalWorkspace({ ...owner, tenantId: 'globex' }), generalWorkspace(bob)]) {
        await workspaces.create(testScope(record.tenantId), record);
      }

      const first = await workspaces.listByOwner(acme, owner.userId, { limit: 2 });
      const second = await workspaces.listByOwner(acme, owner.userId, {
        limit: 2,
        ...(first.nextCursor && { cursor: first.nextCursor }),
      });
      const third = await workspaces.listByOwner(acme, owner.userId, {
        limit: 2,
        ...(second.nextCursor && { cursor: second.nextCursor }),
      });

      const times = [first, second, third].map(({ items }) => items.map(({ lastActiveAt }) => lastActiveAt));
      expect(times).toEqual([[minute(5), minute(4)], [minute(3), minute(2)], [minute(1)]]);
      expect(third.nextCursor).toBeUndefined();
    });

    it('takes a workspace whose deletion began out of the lists and frees its path, but keeps its record', async () => {
      const owner = { tenantId: 'acme', userId: newId('sess') };
      const record = localWorkspace(owner, '/home/project');
      await workspaces.createLocal(acme, record);

      const begun = await workspaces.beginDeletion(acme, record.workspaceId, minute(9));
      const fresh = await workspaces.createLocal(acme, localWorkspace(owner, '/home/project', minute(10)));

      expect(begun).toBe(true);
      expect(await workspaces.find(acme, record.workspaceId)).toMatchObject({ deletingSince: minute(9) });
      expect(fresh.created).toBe(true);
      const listed = await workspaces.listByOwner(acme, owner.userId, { limit: 10 });
      expect(listed.items.map(({ workspaceId }) => workspaceId)).toEqual([fresh.record.workspaceId]);
    });

    it('leaves the new workspace of a path alone when the deletion of the old one is repeated', async () => {
      const old = localWorkspace(alice, `/home/${newId('ws')}`);
      await workspaces.createLocal(acme, old);
      await workspaces.beginDeletion(acme, old.workspaceId, minute(9));
      const fresh = await workspaces.createLocal(acme, { ...old, workspaceId: newId('ws') });

      await workspaces.beginDeletion(acme, old.workspaceId, minute(11));
      await workspaces.remove(acme, receiptOf(old));

      const again = await workspaces.createLocal(acme, { ...old, workspaceId: newId('ws') });
      expect(again.record.workspaceId).toBe(fresh.record.workspaceId);
      expect(await workspaces.find(acme, old.workspaceId)).toBeUndefined();
    });

    it('begins no deletion of what is unknown or was active meanwhile', async () => {
      const record = generalWorkspace(alice, minute(5));
      await workspaces.create(acme, record);

      expect(await workspaces.beginDeletion(acme, newId('ws'), minute(9))).toBe(false);
      expect(await workspaces.beginDeletion(acme, record.workspaceId, minute(9), { inactiveSince: minute(5) })).toBe(
        false,
      );
      expect(await workspaces.beginDeletion(acme, record.workspaceId, minute(9), { inactiveSince: minute(6) })).toBe(
        true,
      );
    });

    it('removes only what is being deleted', async () => {
      const record = generalWorkspace(alice);
      await workspaces.create(acme, record);

      await workspaces.remove(acme, receiptOf(record));

      expect(await workspaces.find(acme, record.workspaceId)).toEqual(record);
    });

    it('keeps of a removed workspace whose it was and the receipt, and never gives its id again', async () => {
      const [general, local] = [generalWorkspace(alice), localWorkspace(alice, `/home/${newId('ws')}`)];
      await workspaces.create(acme, general);
      await workspaces.createLocal(acme, local);
      for (const record of [general, local]) {
        await workspaces.beginDeletion(acme, record.workspaceId, minute(9));
        await workspaces.remove(acme, receiptOf(record));
        await workspaces.remove(acme, { ...receiptOf(record), deletedArtifacts: 7 });
      }

      const again = await Promise.allSettled([workspaces.create(acme, general), workspaces.createLocal(acme, local)]);

      const refused = { status: 'rejected', reason: { code: 'CONFLICT', retryable: true } };
      expect(again).toMatchObject([refused, refused]);
      for (const record of [general, local]) {
        const { workspaceId } = record;
        expect(await workspaces.find(acme, workspaceId)).toBeUndefined();
        expect(await workspaces.findRemoved(acme, workspaceId)).toEqual({ ...alice, receipt: receiptOf(record) });
        expect(await workspaces.findRemoved(globex, workspaceId)).toBeUndefined();
        expect(await workspaces.beginDeletion(acme, workspaceId, minute(30))).toBe(false);
      }
      const named: string[] = [];
      for await (const { workspaceId } of workspaces.listPurgeable(jobs, minute(60))) named.push(workspaceId);
      expect(named.filter((id) => [general.workspaceId, local.workspaceId].includes(id))).toEqual([]);
    });

    it('gives an id once', async () => {
      const record = generalWorkspace(alice);
      await workspaces.create(acme, record);

      await expect(workspaces.create(acme, { ...record, ...bob })).rejects.toMatchObject({
        code: 'CONFLICT',
      });
      expect(await workspaces.find(acme, record.workspaceId)).toEqual(record);
    });

    it('names inactive and half-deleted workspaces for the purge, and no others', async () => {
      const inactive = generalWorkspace(alice, minute(1));
      const active = localWorkspace(alice, `/home/${newId('ws')}`, minute(50));
      const interrupted = generalWorkspace(bob, minute(55));
      await workspaces.create(acme, inactive);
      await workspaces.createLocal(acme, active);
      await workspaces.create(acme, interrupted);
      await workspaces.beginDeletion(acme, interrupted.workspaceId, minute(56));

      const named: string[] = [];
      for await (const { workspaceId } of workspaces.listPurgeable(jobs, minute(30))) named.push(workspaceId);

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
