import { StewardError } from '@steward/sdk';
import { absent, isCancelledBy, isConditionFailed, queryTenants, scopedTable } from '@steward/service-kit';
import type {
  DynamoDeps,
  Page,
  PageRequest,
  ScopedQuery,
  ScopedTable,
  ScopedWrite,
  SystemScope,
  TenantScope,
} from '@steward/service-kit';
import { manyWriters, touchOf } from '../workspaces/workspace-writes.ts';
import {
  artifactIndexes,
  artifactItem,
  artifactOf,
  cleanupShards,
  sessionItem,
  sessionItemId,
  sessionOf,
} from './artifact-items.ts';
import { nextSessionEntry } from './artifact.ts';
import type { ArtifactRecord, SessionEntry } from './artifact.ts';
import type { ArtifactFilter, ArtifactRepository, Commitment, Reservation, StoredContent } from './repository.ts';

/** Artifacts' facts in the table `{env}-artifacts`; transactions also touch `{env}-workspaces`. */
export class DynamoArtifactRepository implements ArtifactRepository {
  readonly #deps: DynamoDeps;

  constructor(deps: DynamoDeps) {
    this.#deps = deps;
  }

  async reserve(scope: TenantScope, record: ArtifactRecord): Promise<Reservation> {
    const table = this.#table(scope);
    const { workspaceId, artifactId } = record;
    const put = table.put(artifactItem(record), [workspaceId], artifactIndexes(record), { condition: absent });
    try {
      await table.runTogether([touchOf(this.#deps, scope, workspaceId, record.createdAt), put], manyWriters);
      return { outcome: 'reserved' };
    } catch (error) {
      if (isCancelledBy(error, 0)) return { outcome: 'gone' };
      if (!isCancelledBy(error, 1)) throw error;
      const artifact = await this.find(scope, workspaceId, artifactId);
      return artifact === undefined ? this.reserve(scope, record) : { outcome: 'exists', artifact };
    }
  }

  async commit(
    scope: TenantScope,
    workspaceId: string,
    artifactId: string,
    content: StoredContent,
    at: string,
  ): Promise<Commitment> {
    const table = this.#table(scope);
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const pending = await this.find(scope, workspaceId, artifactId);
      if (pending === undefined || pending.status === 'discarded') return { outcome: 'gone' };
      if (pending.status === 'stored') return { outcome: 'committed', artifact: pending };
      const { cleanupAt: _cleanup, ...rest } = pending;
      const artifact: ArtifactRecord = { ...rest, ...content, status: 'stored', updatedAt: at };
      const history = await this.#historySwitch(scope, artifact, at);
      const writes = [
        touchOf(this.#deps, scope, workspaceId, at),
        putWhile(table, artifact, 'pending'),
        ...history.writes,
      ];
      try {
        await table.runTogether(writes, manyWriters);
        return { outcome: 'committed', artifact, ...(history.replaced && { replaced: history.replaced }) };
      } catch (error) {
        if (isCancelledBy(error, 0)) return { outcome: 'gone' };
        // Somebody committed this artifact or another history in between: look again.
        if (![1, 2, 3].some((index) => isCancelledBy(error, index))) throw error;
      }
    }
    throw new StewardError(
      'CONFLICT',
      `The history of artifact ${artifactId} is being replaced by many writers at once. Try again.`,
      {
        retryable: true,
      },
    );
  }

  async find(scope: TenantScope, workspaceId: string, artifactId: string): Promise<ArtifactRecord | undefined> {
    return artifactOf(await this.#table(scope).get({ id: [workspaceId], sort: artifactId }));
  }

  async findSession(scope: TenantScope, workspaceId: string, sessionId: string): Promise<SessionEntry | undefined> {
    return sessionOf(await this.#table(scope).get({ id: [workspaceId], sort: sessionItemId(sessionId) }));
  }

  async list(
    scope: TenantScope,
    workspaceId: string,
    filter: ArtifactFilter,
    page: PageRequest,
  ): Promise<Page<ArtifactRecord>> {
    const { artifactType, sessionId } = filter;
    const query =
      sessionId === undefined
        ? byWorkspace(workspaceId, artifactType)
        : bySession(workspaceId, sessionId, artifactType);
    const found = await this.#table(scope).queryPage(query, page);
    return { ...found, items: found.items.flatMap((item) => artifactOf(item) ?? []) };
  }

  async listSessions(scope: TenantScope, workspaceId: string, page: PageRequest): Promise<Page<SessionEntry>> {
    const sessions = { and: 'begins_with(artifactId, :prefix)', values: { ':prefix': sessionItemId('') } };
    const found = await this.#table(scope).queryPage({ id: [workspaceId], ...sessions, newestFirst: true }, page);
    return { ...found, items: found.items.flatMap((item) => sessionOf(item) ?? []) };
  }

  async abandon(scope: TenantScope, workspaceId: string, artifactId: string, at: string): Promise<boolean> {
    const table = this.#table(scope);
    const record = await this.find(scope, workspaceId, artifactId);
    if (record === undefined || record.status === 'stored') return false;
    const discarded: ArtifactRecord = { ...record, status: 'discarded', updatedAt: at, cleanupAt: at };
    try {
      await table.run(putWhile(table, discarded, record.status));
      return true;
    } catch (error) {
      if (isConditionFailed(error)) return false;
      throw error;
    }
  }

  async discard(scope: TenantScope, workspaceId: string, artifactId: string): Promise<void> {
    const table = this.#table(scope);
    try {
      await table.run(table.delete({ id: [workspaceId], sort: artifactId }, whileStatus('discarded')));
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
    }
  }

  async *listDue(jobs: SystemScope, now: string): AsyncIterable<ArtifactRecord> {
    const filter = { condition: 'cleanupAt <= :now', values: { ':now': now } };
    for (const shard of cleanupShards) {
      for await (const item of queryTenants(this.#deps, 'artifacts', 'byCleanup', shard, jobs, filter)) {
        const record = artifactOf(item);
        if (record !== undefined) yield record;
      }
    }
  }

  async *listAll(scope: TenantScope, workspaceId: string): AsyncIterable<ArtifactRecord> {
    for await (const item of this.#table(scope).query({ id: [workspaceId] })) {
      const record = artifactOf(item);
      if (record !== undefined) yield record;
    }
  }

  async removeAll(scope: TenantScope, workspaceId: string): Promise<void> {
    const table = this.#table(scope);
    let batch: { id: string[]; sort: string }[] = [];
    for await (const item of table.query({ id: [workspaceId] })) {
      batch.push({ id: [workspaceId], sort: String(item['artifactId']) });
      if (batch.length < 25) continue;
      await table.deleteMany(batch);
      batch = [];
    }
    await table.deleteMany(batch);
  }

  async count(scope: TenantScope, workspaceId: string): Promise<number> {
    let count = 0;
    for await (const _item of this.#table(scope).query({ id: [workspaceId] })) count += 1;
    return count;
  }

  /** The writes that make a history the session's own; empty for other artifacts. */
  async #historySwitch(
    scope: TenantScope,
    artifact: ArtifactRecord,
    at: string,
  ): Promise<{ writes: ScopedWrite[]; replaced?: ArtifactRecord }> {
    const { artifactType, snapshotAfterTaskId, workspaceId } = artifact;
    if (artifactType !== 'session_history' || snapshotAfterTaskId === undefined) return { writes: [] };
    const table = this.#table(scope);
    const previous = await this.findSession(scope, workspaceId, artifact.sessionId);
    const item = sessionItem(nextSessionEntry(previous, { ...artifact, snapshotAfterTaskId }, at));
    const condition =
      previous === undefined
        ? { condition: absent }
        : { condition: 'historyId = :previous', values: { ':previous': previous.artifactId } };
    const entry = table.put(item, [workspaceId], {}, condition);
    const old = previous && (await this.find(scope, workspaceId, previous.artifactId));
    if (old === undefined) return { writes: [entry] };
    const replaced: ArtifactRecord = { ...old, status: 'discarded', updatedAt: at, cleanupAt: at };
    return { writes: [entry, putWhile(table, replaced, old.status)], replaced };
  }

  #table(scope: TenantScope): ScopedTable {
    return scopedTable(this.#deps, 'artifacts', scope);
  }
}

function whileStatus(status: ArtifactRecord['status']) {
  return { condition: '#status = :status', names: { '#status': 'status' }, values: { ':status': status } };
}

function putWhile(table: ScopedTable, record: ArtifactRecord, status: ArtifactRecord['status']): ScopedWrite {
  return table.put(artifactItem(record), [record.workspaceId], artifactIndexes(record), whileStatus(status));
}

function byWorkspace(workspaceId: string, artifactType: ArtifactFilter['artifactType']): ScopedQuery {
  return {
    id: [workspaceId],
    and: 'begins_with(artifactId, :prefix)',
    filter: `#status <> :discarded${artifactType === undefined ? '' : ' AND artifactType = :type'}`,
    names: { '#status': 'status' },
    values: { ':prefix': 'art_', ':discarded': 'discarded', ...(artifactType && { ':type': artifactType }) },
    newestFirst: true,
  };
}

function bySession(workspaceId: string, sessionId: string, artifactType: ArtifactFilter['artifactType']): ScopedQuery {
  return {
    index: 'bySession',
    id: [workspaceId, sessionId],
    ...(artifactType && { and: 'begins_with(typeCreatedAt, :prefix)', values: { ':prefix': `${artifactType}#` } }),
    newestFirst: true,
  };
}
