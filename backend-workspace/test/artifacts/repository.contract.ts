import { beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@steward/sdk';
import type { ArtifactRecord } from '../../src/artifacts/artifact.ts';
import type { ArtifactRepository } from '../../src/artifacts/repository.ts';
import type { WorkspaceRepository } from '../../src/workspaces/repository.ts';
import { systemScope } from '@steward/service-kit';
import { acme, alice, generalWorkspace, globex, minute, pendingArtifact } from '../fixtures.ts';

const content = { sizeBytes: 5, sha256: 'f'.repeat(64) };

const jobs = systemScope('workspace-purge');

/** What every store of artifacts promises, together with its store of workspaces. */
export function describeArtifactRepository(
  name: string,
  create: () => { workspaces: WorkspaceRepository; artifacts: ArtifactRepository },
): void {
  describe(`artifacts in ${name}`, () => {
    let workspaces: WorkspaceRepository;
    let artifacts: ArtifactRepository;
    let workspaceId: string;

    beforeEach(async () => {
      ({ workspaces, artifacts } = create());
      const workspace = generalWorkspace(alice);
      workspaceId = workspace.workspaceId;
      await workspaces.create(acme, workspace);
    });

    async function store(changes: Partial<ArtifactRecord> = {}, at = minute(2)): Promise<ArtifactRecord> {
      const record = pendingArtifact(workspaceId, changes);
      await artifacts.reserve(acme, record);
      const commitment = await artifacts.commit(acme, workspaceId, record.artifactId, content, at);
      if (commitment.outcome !== 'committed') throw new Error('not committed');
      return commitment.artifact;
    }

    function history(sessionId: string, task: string, title?: string): Partial<ArtifactRecord> {
      return { sessionId, artifactType: 'session_history', snapshotAfterTaskId: task, ...(title && { title }) };
    }

    it('keeps a pending record until it is committed, then a stored one', async () => {
      const record = pendingArtifact(workspaceId);

      const reservation = await artifacts.reserve(acme, record);
      const pending = await artifacts.find(acme, workspaceId, record.artifactId);
      const commitment = await artifacts.commit(acme, workspaceId, record.artifactId, content, minute(2));

      const { cleanupAt: _cleanup, ...rest } = record;
      const stored = { ...rest, ...content, status: 'stored', updatedAt: minute(2) };
      expect(reservation).toEqual({ outcome: 'reserved' });
      expect(pending).toEqual(record);
      expect(commitment).toEqual({ outcome: 'committed', artifact: stored });
      expect(await artifacts.find(acme, workspaceId, record.artifactId)).toEqual(stored);
    });

    it('shows, changes and removes nothing of another tenant, and writes nothing for it', async () => {
      const sessionId = newId('sess');
      const stored = await store(history(sessionId, newId('task')));
      const { artifactId } = stored;

      await artifacts.removeAll(globex, workspaceId);

      expect(await artifacts.find(globex, workspaceId, artifactId)).toBeUndefined();
      expect(await artifacts.findSession(globex, workspaceId, sessionId)).toBeUndefined();
      expect(await artifacts.list(globex, workspaceId, {}, { limit: 9 })).toEqual({ items: [] });
      expect(await artifacts.list(globex, workspaceId, { sessionId }, { limit: 9 })).toEqual({ items: [] });
      expect(await artifacts.listSessions(globex, workspaceId, { limit: 9 })).toEqual({ items: [] });
      expect(await artifacts.commit(globex, workspaceId, artifactId, content, minute(4))).toEqual({ outcome: 'gone' });
      expect(await artifacts.abandon(globex, workspaceId, artifactId, minute(4))).toBe(false);
      const theirs = pendingArtifact(workspaceId, { tenantId: 'globex' });
      expect(await artifacts.reserve(globex, theirs)).toEqual({ outcome: 'gone' });
      await expect(artifacts.reserve(acme, theirs)).rejects.toThrow('another tenant');
      expect(await artifacts.find(acme, workspaceId, artifactId)).toEqual(stored);
    });

    it('marks the workspace active with every upload', async () => {
      await store({}, minute(7));

      expect(await workspaces.find(acme, workspaceId)).toMatchObject({ lastActiveAt: minute(7) });
    });

    it('answers the record that already has the id', async () => {
      const record = pendingArtifact(workspaceId);
      await artifacts.reserve(acme, record);

      const again = await artifacts.reserve(acme, { ...record, name: 'another' });

      expect(again).toEqual({ outcome: 'exists', artifact: record });
    });

    it('answers a repeated commit with what was stored first', async () => {
      const stored = await store();

      const again = await artifacts.commit(
        acme,
        workspaceId,
        stored.artifactId,
        { sizeBytes: 9, sha256: 'e'.repeat(64) },
        minute(5),
      );

      expect(again).toEqual({ outcome: 'committed', artifact: stored });
    });

    it('takes nothing for a workspace that does not exist or is being deleted', async () => {
      const early = pendingArtifact(workspaceId);
      await artifacts.reserve(acme, early);
      await workspaces.beginDeletion(acme, workspaceId, minute(3));

      expect(await artifacts.reserve(acme, pendingArtifact(workspaceId))).toEqual({ outcome: 'gone' });
      expect(await artifacts.reserve(acme, pendingArtifact(newId('ws')))).toEqual({ outcome: 'gone' });
      expect(await artifacts.commit(acme, workspaceId, early.artifactId, content, minute(4))).toEqual({
        outcome: 'gone',
      });
    });

    it("makes a committed history the session's own and discards the one before", async () => {
      const sessionId = newId('sess');
      const [task1, task2] = [newId('task'), newId('task')];
      const first = await store(history(sessionId, task1, 'Rename a function'), minute(2));

      const second = pendingArtifact(workspaceId, history(sessionId, task2));
      await artifacts.reserve(acme, second);
      const commitment = await artifacts.commit(acme, workspaceId, second.artifactId, content, minute(5));

      expect(commitment).toMatchObject({
        replaced: { artifactId: first.artifactId, status: 'discarded', cleanupAt: minute(5) },
      });
      expect(await artifacts.findSession(acme, workspaceId, sessionId)).toEqual({
        tenantId: 'acme',
        sessionId,
        workspaceId,
        artifactId: second.artifactId,
        title: 'Rename a function',
        snapshotAfterTaskId: task2,
        sizeBytes: 5,
        createdAt: minute(2),
        updatedAt: minute(5),
        replacedArtifactIds: [first.artifactId],
      });
      const listed = await artifacts.list(acme, workspaceId, {}, { limit: 10 });
      expect(listed.items.map(({ artifactId }) => artifactId)).toEqual([second.artifactId]);
    });

    it('keeps one history per session when many are committed at once', async () => {
      const sessionId = newId('sess');

      const stored = await Promise.all(Array.from({ length: 5 }, () => store(history(sessionId, newId('task')))));

      const visible = await artifacts.list(
        acme,
        workspaceId,
        { sessionId, artifactType: 'session_history' },
        { limit: 10 },
      );
      const session = await artifacts.findSession(acme, workspaceId, sessionId);
      expect(visible.items).toHaveLength(1);
      expect(session?.artifactId).toBe(visible.items[0]?.artifactId);
      const others = stored.map(({ artifactId }) => artifactId).filter((id) => id !== session?.artifactId);
      expect([...(session?.replacedArtifactIds ?? [])].sort()).toEqual(others.sort());
    });

    it('lists newest first, page by page, narrowed by type', async () => {
      const ids: string[] = [];
      for (const artifactType of ['tool_output', 'file_diff', 'tool_output', 'tool_output'] as const) {
        ids.push((await store({ artifactType })).artifactId);
      }

      const first = await artifacts.list(acme, workspaceId, { artifactType: 'tool_output' }, { limit: 2 });
      const second = await artifacts.list(
        acme,
        workspaceId,
        { artifactType: 'tool_output' },
        { limit: 2, ...(first.nextCursor && { cursor: first.nextCursor }) },
      );

      const listed = [first, second].map(({ items }) => items.map(({ artifactId }) => artifactId));
      expect(listed).toEqual([[ids[3], ids[2]], [ids[0]]]);
      expect(second.nextCursor).toBeUndefined();
    });

    it('lists one session by type and then newest first, in this workspace only', async () => {
      const sessionId = newId('sess');
      const diff = await store({ sessionId, artifactType: 'file_diff' });
      const older = await store({ sessionId, createdAt: minute(1) });
      const newer = await store({ sessionId, createdAt: minute(3) });
      await store();
      const elsewhere = generalWorkspace(alice);
      await workspaces.create(acme, elsewhere);
      await artifacts.reserve(acme, pendingArtifact(elsewhere.workspaceId, { sessionId }));

      const first = await artifacts.list(acme, workspaceId, { sessionId }, { limit: 2 });
      const second = await artifacts.list(
        acme,
        workspaceId,
        { sessionId },
        { limit: 2, ...(first.nextCursor && { cursor: first.nextCursor }) },
      );

      const listed = [first, second].map(({ items }) => items.map(({ artifactId }) => artifactId));
      expect(listed).toEqual([[newer.artifactId, older.artifactId], [diff.artifactId]]);
    });

    it('lists sessions newest first, page by page', async () => {
      const sessions = [newId('sess'), newId('sess'), newId('sess')];
      for (const sessionId of sessions) await store(history(sessionId, newId('task')));

      const first = await artifacts.listSessions(acme, workspaceId, { limit: 2 });
      const second = await artifacts.listSessions(acme, workspaceId, {
        limit: 2,
        ...(first.nextCursor && { cursor: first.nextCursor }),
      });

      const listed = [first, second].map(({ items }) => items.map(({ sessionId }) => sessionId));
      expect(listed).toEqual([[sessions[2], sessions[1]], [sessions[0]]]);
      expect(second.nextCursor).toBeUndefined();
    });

    it('lets nobody commit what was abandoned, and abandons nothing that is stored', async () => {
      const record = pendingArtifact(workspaceId);
      await artifacts.reserve(acme, record);
      const stored = await store();

      expect(await artifacts.abandon(acme, workspaceId, record.artifactId, minute(3))).toBe(true);
      expect(await artifacts.abandon(acme, workspaceId, stored.artifactId, minute(3))).toBe(false);
      expect(await artifacts.commit(acme, workspaceId, record.artifactId, content, minute(4))).toEqual({
        outcome: 'gone',
      });
    });

    it('discards abandoned records only', async () => {
      const pending = pendingArtifact(workspaceId);
      const abandoned = pendingArtifact(workspaceId);
      await artifacts.reserve(acme, pending);
      await artifacts.reserve(acme, abandoned);
      await artifacts.abandon(acme, workspaceId, abandoned.artifactId, minute(3));

      await artifacts.discard(acme, workspaceId, pending.artifactId);
      await artifacts.discard(acme, workspaceId, abandoned.artifactId);
      await artifacts.discard(acme, workspaceId, abandoned.artifactId);

      expect(await artifacts.find(acme, workspaceId, pending.artifactId)).toEqual(pending);
      expect(await artifacts.find(acme, workspaceId, abandoned.artifactId)).toBeUndefined();
    });

    it('names records whose clean-up time has come', async () => {
      const due = pendingArtifact(workspaceId, { cleanupAt: minute(10) });
      const later = pendingArtifact(workspaceId, { cleanupAt: minute(20) });
      await artifacts.reserve(acme, due);
      await artifacts.reserve(acme, later);
      await store();

      const named: string[] = [];
      for await (const record of artifacts.listDue(jobs, minute(15))) {
        if (record.workspaceId === workspaceId) named.push(record.artifactId);
      }

      expect(named).toEqual([due.artifactId]);
    });

    it('removes everything of one workspace and nothing of another', async () => {
      const elsewhere = generalWorkspace(alice);
      await workspaces.create(acme, elsewhere);
      await artifacts.reserve(acme, pendingArtifact(elsewhere.workspaceId));
      await store(history(newId('sess'), newId('task')));
      for (let n = 0; n < 30; n += 1) await artifacts.reserve(acme, pendingArtifact(workspaceId));
      expect(await artifacts.count(acme, workspaceId)).toBe(32);

      await artifacts.removeAll(acme, workspaceId);

      expect(await artifacts.count(acme, workspaceId)).toBe(0);
      expect(await artifacts.count(acme, elsewhere.workspaceId)).toBe(1);
    });
  });
}
