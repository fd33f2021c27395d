import { ScopedMap, pageDescending } from '@steward/service-kit';
import type { Page, PageRequest, SystemScope, TenantScope } from '@steward/service-kit';
import type { MemoryWorkspaceRepository } from '../workspaces/repository.memory.ts';
import { typeCreatedAt } from './artifact-items.ts';
import { nextSessionEntry } from './artifact.ts';
import type { ArtifactRecord, SessionEntry } from './artifact.ts';
import type { ArtifactFilter, ArtifactRepository, Commitment, Reservation, StoredContent } from './repository.ts';

/** Artifacts' facts in this process only; shares the workspaces so that both change in one move. */
export class MemoryArtifactRepository implements ArtifactRepository {
  readonly #workspaces: MemoryWorkspaceRepository;
  readonly #artifacts = new ScopedMap<ArtifactRecord>();
  readonly #sessions = new ScopedMap<SessionEntry>();

  constructor(deps: { readonly workspaces: MemoryWorkspaceRepository }) {
    this.#workspaces = deps.workspaces;
  }

  async reserve(scope: TenantScope, record: ArtifactRecord): Promise<Reservation> {
    if (!this.#workspaces.touchActive(scope, record.workspaceId, record.createdAt)) return { outcome: 'gone' };
    const existing = await this.find(scope, record.workspaceId, record.artifactId);
    if (existing !== undefined) return { outcome: 'exists', artifact: existing };
    this.#put(scope, record);
    return { outcome: 'reserved' };
  }

  async commit(
    scope: TenantScope,
    workspaceId: string,
    artifactId: string,
    content: StoredContent,
    at: string,
  ): Promise<Commitment> {
    const pending = this.#artifacts.get(scope, workspaceId, artifactId);
    if (pending === undefined || pending.status === 'discarded') return { outcome: 'gone' };
    if (pending.status === 'stored') return { outcome: 'committed', artifact: pending };
    if (!this.#workspaces.touchActive(scope, workspaceId, at)) return { outcome: 'gone' };
    const { cleanupAt: _cleanup, ...rest } = pending;
    const artifact: ArtifactRecord = { ...rest, ...content, status: 'stored', updatedAt: at };
    this.#put(scope, artifact);
    const replaced = this.#switchHistory(scope, artifact, at);
    return { outcome: 'committed', artifact, ...(replaced && { replaced }) };
  }

  async find(scope: TenantScope, workspaceId: string, artifactId: string): Promise<ArtifactRecord | undefined> {
    return this.#artifacts.get(scope, workspaceId, artifactId);
  }

  async findSession(scope: TenantScope, workspaceId: string, sessionId: string): Promise<SessionEntry | undefined> {
    return this.#sessions.get(scope, workspaceId, sessionId);
  }

  async list(
    scope: TenantScope,
    workspaceId: string,
    filter: ArtifactFilter,
    page: PageRequest,
  ): Promise<Page<ArtifactRecord>> {
    const matching = this.#artifacts
      .values(scope, workspaceId)
      .filter(
        (record) =>
          record.status !== 'discarded' &&
          (filter.sessionId === undefined || record.sessionId === filter.sessionId) &&
          (filter.artifactType === undefined || record.artifactType === filter.artifactType),
      );
    return pageDescending(matching, page, filter.sessionId === undefined ? byId : typeCreatedAt);
  }

  async listSessions(scope: TenantScope, workspaceId: string, page: PageRequest): Promise<Page<SessionEntry>> {
    const sessions = this.#sessions.values(scope, workspaceId);
    return pageDescending(sessions, page, ({ sessionId }) => sessionId);
  }

  async abandon(scope: TenantScope, workspaceId: string, artifactId: string, at: string): Promise<boolean> {
    const record = this.#artifacts.get(scope, workspaceId, artifactId);
    if (record === undefined || record.status === 'stored') return false;
    this.#put(scope, { ...record, status: 'discarded', updatedAt: at, cleanupAt: at });
    return true;
  }

  async discard(scope: TenantScope, workspaceId: string, artifactId: string): Promise<void> {
    const record = this.#artifacts.get(scope, workspaceId, artifactId);
    if (record?.status === 'discarded') this.#artifacts.delete(scope, workspaceId, artifactId);
  }

  async *listDue(jobs: SystemScope, now: string): AsyncIterable<ArtifactRecord> {
    jobs.assertMayRead('indexes', 'artifacts.byCleanup');
    for (const record of this.#artifacts.allTenants()) {
      if (record.cleanupAt !== undefined && record.cleanupAt <= now) yield record;
    }
  }

  async *listAll(scope: TenantScope, workspaceId: string): AsyncIterable<ArtifactRecord> {
    yield* this.#artifacts.values(scope, workspaceId);
  }

  async removeAll(scope: TenantScope, workspaceId: string): Promise<void> {
    for (const { artifactId } of this.#artifacts.values(scope, workspaceId)) {
      this.#artifacts.delete(scope, workspaceId, artifactId);
    }
    for (const { sessionId } of this.#sessions.values(scope, workspaceId)) {
      this.#sessions.delete(scope, workspaceId, sessionId);
    }
  }

  async count(scope: TenantScope, workspaceId: string): Promise<number> {
    return this.#artifacts.values(scope, workspaceId).length + this.#sessions.values(scope, workspaceId).length;
  }

  #put(scope: TenantScope, record: ArtifactRecord): void {
    this.#artifacts.set(scope, record, record.workspaceId, record.artifactId);
  }

  #switchHistory(scope: TenantScope, artifact: ArtifactRecord, at: string): ArtifactRecord | undefined {
    const { artifactType, snapshotAfterTaskId, workspaceId, sessionId } = artifact;
    if (artifactType !== 'session_history' || snapshotAfterTaskId === undefined) return undefined;
    const previous = this.#sessions.get(scope, workspaceId, sessionId);
    const entry = nextSessionEntry(previous, { ...artifact, snapshotAfterTaskId }, at);
    this.#sessions.set(scope, entry, workspaceId, sessionId);
    const old = previous && this.#artifacts.get(scope, workspaceId, previous.artifactId);
    if (old === undefined) return undefined;
    const replaced: ArtifactRecord = { ...old, status: 'discarded', updatedAt: at, cleanupAt: at };
    this.#put(scope, replaced);
    return replaced;
  }
}

function byId(record: ArtifactRecord): string {
  return record.artifactId;
}
