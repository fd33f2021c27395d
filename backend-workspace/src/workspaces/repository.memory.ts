import { isOwnedBy } from '../owner.ts';
import type { Owner } from '../owner.ts';
import { compareDescending, cutPage } from '../paging.ts';
import type { Page, PageRequest } from '../paging.ts';
import type { WorkspaceRepository } from './repository.ts';
import { positionOf } from './workspace.ts';
import type { WorkspaceRecord } from './workspace.ts';

/** Workspaces in this process only; for tests and for machines without a database. */
export class MemoryWorkspaceRepository implements WorkspaceRepository {
  readonly #records = new Map<string, WorkspaceRecord>();
  readonly #byLocalPath = new Map<string, string>();

  async create(record: WorkspaceRecord): Promise<void> {
    this.#records.set(record.workspaceId, structuredClone(record));
  }

  async createLocal(
    record: WorkspaceRecord & { readonly localPathKey: string },
  ): Promise<{ record: WorkspaceRecord; created: boolean }> {
    const existingId = this.#byLocalPath.get(record.localPathKey);
    if (existingId !== undefined) {
      this.touchActive(existingId, record.lastActiveAt);
      return { record: structuredClone(this.#records.get(existingId) as WorkspaceRecord), created: false };
    }
    this.#byLocalPath.set(record.localPathKey, record.workspaceId);
    this.#records.set(record.workspaceId, structuredClone(record));
    return { record: structuredClone(record), created: true };
  }

  async find(workspaceId: string): Promise<WorkspaceRecord | undefined> {
    return structuredClone(this.#records.get(workspaceId));
  }

  async listByOwner(owner: Owner, page: PageRequest): Promise<Page<WorkspaceRecord>> {
    const after = page.after;
    const sorted = [...this.#records.values()]
      .filter((record) => isOwnedBy(record, owner) && record.deletingSince === undefined)
      .filter((record) => after === undefined || compareDescending(after, positionOf(record)) < 0)
      .sort((a, b) => compareDescending(positionOf(a), positionOf(b)));
    return structuredClone(cutPage(sorted, page.limit, positionOf));
  }

  async beginDeletion(
    workspaceId: string,
    at: string,
    options: { readonly inactiveSince?: string } = {},
  ): Promise<boolean> {
    const record = this.#records.get(workspaceId);
    if (record === undefined) return false;
    if (record.deletingSince !== undefined) return true;
    if (options.inactiveSince !== undefined && record.lastActiveAt >= options.inactiveSince) return false;
    this.#records.set(workspaceId, { ...record, deletingSince: at, updatedAt: at });
    if (record.localPathKey !== undefined) this.#byLocalPath.delete(record.localPathKey);
    return true;
  }

  async remove(workspaceId: string): Promise<void> {
    if (this.#records.get(workspaceId)?.deletingSince !== undefined) this.#records.delete(workspaceId);
  }

  async *listPurgeable(inactiveSince: string): AsyncIterable<string> {
    for (const record of [...this.#records.values()]) {
      if (record.deletingSince !== undefined || record.lastActiveAt < inactiveSince) yield record.workspaceId;
    }
  }

  async ping(): Promise<void> {}

  /**
   * Marks an existing workspace active, unless it is being deleted; answers whether it was. Synchronous, so that the
   * artifact repository beside it can change both in one indivisible move.
   */
  touchActive(workspaceId: string, at: string): boolean {
    const record = this.#records.get(workspaceId);
    if (record === undefined || record.deletingSince !== undefined) return false;
    if (at > record.lastActiveAt) this.#records.set(workspaceId, { ...record, lastActiveAt: at, updatedAt: at });
    return true;
  }
}
