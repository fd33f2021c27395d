import { compareDescending, cutPage } from '../paging.ts';
import type { Page, PageRequest, Position } from '../paging.ts';
import type { MemoryWorkspaceRepository } from '../workspaces/repository.memory.ts';
import { nextSessionEntry } from './artifact.ts';
import type { ArtifactRecord, SessionEntry } from './artifact.ts';
import type { ArtifactFilter, ArtifactRepository, Commitment, Reservation, StoredContent } from './repository.ts';

interface Shelf {
  readonly artifacts: Map<string, ArtifactRecord>;
  readonly sessions: Map<string, SessionEntry>;
}

/** Artifacts' facts in this process only; shares the workspaces so that both change in one move. */
export class MemoryArtifactRepository implements ArtifactRepository {
  readonly #workspaces: MemoryWorkspaceRepository;
  readonly #shelves = new Map<string, Shelf>();

  constructor(deps: { readonly workspaces: MemoryWorkspaceRepository }) {
    this.#workspaces = deps.workspaces;
  }

  async reserve(record: ArtifactRecord): Promise<Reservation> {
    if (!this.#workspaces.touchActive(record.workspaceId, record.createdAt)) return { outcome: 'gone' };
    const shelf = this.#shelf(record.workspaceId);
    const existing = shelf.artifacts.get(record.artifactId);
    if (existing !== undefined) return { outcome: 'exists', artifact: structuredClone(existing) };
    shelf.artifacts.set(record.artifactId, structuredClone(record));
    return { outcome: 'reserved' };
  }

  async commit(workspaceId: string, artifactId: string, content: StoredContent, at: string): Promise<Commitment> {
    const shelf = this.#shelf(workspaceId);
    const pending = shelf.artifacts.get(artifactId);
    if (pending === undefined || pending.status === 'discarded') return { outcome: 'gone' };
    if (pending.status === 'stored') return { outcome: 'committed', artifact: structuredClone(pending) };
    if (!this.#workspaces.touchActive(workspaceId, at)) return { outcome: 'gone' };
    const { cleanupAt: _cleanup, ...rest } = pending;
    const artifact: ArtifactRecord = { ...rest, ...content, status: 'stored', updatedAt: at };
    shelf.artifacts.set(artifactId, artifact);
    const replaced = this.#switchHistory(shelf, artifact, at);
    return structuredClone({ outcome: 'committed', artifact, ...(replaced && { replaced }) });
  }

  async find(workspaceId: string, artifactId: string): Promise<ArtifactRecord | undefined> {
    return structuredClone(this.#shelves.get(workspaceId)?.artifacts.get(artifactId));
  }

  async findSession(workspaceId: string, sessionId: string): Promise<SessionEntry | undefined> {
    return structuredClone(this.#shelves.get(workspaceId)?.sessions.get(sessionId));
  }

  async list(workspaceId: string, filter: ArtifactFilter, page: PageRequest): Promise<Page<ArtifactRecord>> {
    const positionOf = filter.sessionId === undefined ? byId : byTypeAndTime;
    const matching = [...(this.#shelves.get(workspaceId)?.artifacts.values() ?? [])].filter(
      (record) =>
        record.status !== 'discarded' &&
        (filter.sessionId === undefined || record.sessionId === filter.sessionId) &&
        (filter.artifactType === undefined || record.artifactType === filter.artifactType),
    );
    return structuredClone(pageOf(matching, page, positionOf));
  }

  async listSessions(workspaceId: string, page: PageRequest): Promise<Page<SessionEntry>> {
    const sessions = [...(this.#shelves.get(workspaceId)?.sessions.values() ?? [])];
    return structuredClone(pageOf(sessions, page, ({ sessionId }) => ({ sortKey: sessionId, id: sessionId })));
  }

  async abandon(workspaceId: string, artifactId: string, at: string): Promise<boolean> {
    const artifacts = this.#shelves.get(workspaceId)?.artifacts;
    const record = artifacts?.get(artifactId);
    if (record === undefined || record.status === 'stored') return false;
    artifacts?.set(artifactId, { ...record, status: 'discarded', updatedAt: at, cleanupAt: at });
    return true;
  }

  async discard(workspaceId: string, artifactId: string): Promise<void> {
    const artifacts = this.#shelves.get(workspaceId)?.artifacts;
    if (artifacts?.get(artifactId)?.status === 'discarded') artifacts.delete(artifactId);
  }

  async *listDue(now: string): AsyncIterable<ArtifactRecord> {
    for (const { artifacts } of [...this.#shelves.values()]) {
      for (const record of [...artifacts.values()]) {
        if (record.cleanupAt !== undefined && record.cleanupAt <= now) yield structuredClone(record);
      }
    }
  }

  async *listAll(workspaceId: string): AsyncIterable<ArtifactRecord> {
    yield* structuredClone([...(this.#shelves.get(workspaceId)?.artifacts.values() ?? [])]);
  }

  async removeAll(workspaceId: string): Promise<void> {
    this.#shelves.delete(workspaceId);
  }

  async count(workspaceId: string): Promise<number> {
    const shelf = this.#shelves.get(workspaceId);
    return shelf === undefined ? 0 : shelf.artifacts.size + shelf.sessions.size;
  }

  #switchHistory(shelf: Shelf, artifact: ArtifactRecord, at: string): ArtifactRecord | undefined {
    const { artifactType, snapshotAfterTaskId } = artifact;
    if (artifactType !== 'session_history' || snapshotAfterTaskId === undefined) return undefined;
    const previous = shelf.sessions.get(artifact.sessionId);
    shelf.sessions.set(artifact.sessionId, nextSessionEntry(previous, { ...artifact, snapshotAfterTaskId }, at));
    const old = previous && shelf.artifacts.get(previous.artifactId);
    if (old === undefined) return undefined;
    const replaced: ArtifactRecord = { ...old, status: 'discarded', updatedAt: at, cleanupAt: at };
    shelf.artifacts.set(old.artifactId, replaced);
    return replaced;
  }

  #shelf(workspaceId: string): Shelf {
    const existing = this.#shelves.get(workspaceId);
    if (existing !== undefined) return existing;
    const shelf: Shelf = { artifacts: new Map(), sessions: new Map() };
    this.#shelves.set(workspaceId, shelf);
    return shelf;
  }
}

function byId(record: ArtifactRecord): Position {
  return { sortKey: record.artifactId, id: record.artifactId };
}

function byTypeAndTime(record: ArtifactRecord): Position {
  return { sortKey: `${record.artifactType}#${record.createdAt}#${record.artifactId}`, id: record.artifactId };
}

function pageOf<T>(items: readonly T[], page: PageRequest, positionOf: (item: T) => Position): Page<T> {
  const after = page.after;
  const sorted = items
    .filter((item) => after === undefined || compareDescending(after, positionOf(item)) < 0)
    .sort((a, b) => compareDescending(positionOf(a), positionOf(b)));
  return cutPage(sorted, page.limit, positionOf);
}
