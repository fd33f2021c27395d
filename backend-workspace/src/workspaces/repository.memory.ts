import { ScopedMap, pageDescending } from '@steward/service-kit';
import type { Page, PageRequest, SystemScope, TenantScope } from '@steward/service-kit';
import { idGiven } from './repository.ts';
import type { PurgeableWorkspace, WorkspaceRepository } from './repository.ts';
import type { DeletionReceipt, RemovedWorkspace, WorkspaceRecord } from './workspace.ts';

/** Workspaces in this process only; for tests and for machines without a database. */
export class MemoryWorkspaceRepository implements WorkspaceRepository {
  readonly #records = new ScopedMap<WorkspaceRecord>();
  readonly #removed = new ScopedMap<RemovedWorkspace>();
  readonly #byLocalPath = new ScopedMap<{ readonly tenantId: string; readonly workspaceId: string }>();

  async create(scope: TenantScope, record: WorkspaceRecord): Promise<void> {
    this.#refuseGiven(scope, record.workspaceId);
    this.#records.set(scope, record, record.workspaceId);
  }

  async createLocal(
    scope: TenantScope,
    record: WorkspaceRecord & { readonly localPathKey: string },
  ): Promise<{ record: WorkspaceRecord; created: boolean }> {
    const known = this.#byLocalPath.get(scope, record.localPathKey);
    if (known !== undefined) {
      this.touchActive(scope, known.workspaceId, record.lastActiveAt);
      return { record: this.#records.get(scope, known.workspaceId) as WorkspaceRecord, created: false };
    }
    const { tenantId, workspaceId } = record;
    this.#refuseGiven(scope, workspaceId);
    this.#records.set(scope, record, workspaceId);
    this.#byLocalPath.set(scope, { tenantId, workspaceId }, record.localPathKey);
    return { record: structuredClone(record), created: true };
  }

  async find(scope: TenantScope, workspaceId: string): Promise<WorkspaceRecord | undefined> {
    return this.#records.get(scope, workspaceId);
  }

  async listByOwner(scope: TenantScope, userId: string, page: PageRequest): Promise<Page<WorkspaceRecord>> {
    const own = this.#records
      .values(scope)
      .filter((record) => record.userId === userId && record.deletingSince === undefined);
    return pageDescending(own, page, ({ lastActiveAt, workspaceId }) => `${lastActiveAt}#${workspaceId}`);
  }

  async beginDeletion(
    scope: TenantScope,
    workspaceId: string,
    at: string,
    options: { readonly inactiveSince?: string } = {},
  ): Promise<boolean> {
    const record = this.#records.get(scope, workspaceId);
    if (record === undefined) return false;
    if (record.deletingSince !== undefined) return true;
    if (options.inactiveSince !== undefined && record.lastActiveAt >= options.inactiveSince) return false;
    this.#records.set(scope, { ...record, deletingSince: at, updatedAt: at }, workspaceId);
    if (record.localPathKey !== undefined) this.#byLocalPath.delete(scope, record.localPathKey);
    return true;
  }

  async remove(scope: TenantScope, receipt: DeletionReceipt): Promise<void> {
    const { workspaceId } = receipt;
    const record = this.#records.get(scope, workspaceId);
    if (record?.deletingSince === undefined) return;
    const { tenantId, userId } = record;
    this.#removed.set(scope, { tenantId, userId, receipt }, workspaceId);
    this.#records.delete(scope, workspaceId);
  }

  async findRemoved(scope: TenantScope, workspaceId: string): Promise<RemovedWorkspace | undefined> {
    return this.#removed.get(scope, workspaceId);
  }

  async *listPurgeable(jobs: SystemScope, inactiveSince: string): AsyncIterable<PurgeableWorkspace> {
    jobs.assertMayRead('scans', 'workspaces');
    for (const { tenantId, workspaceId, deletingSince, lastActiveAt } of this.#records.allTenants()) {
      if (deletingSince !== undefined || lastActiveAt < inactiveSince) yield { tenantId, workspaceId };
    }
  }

  async ping(): Promise<void> {}

  #refuseGiven(scope: TenantScope, workspaceId: string): void {
    const isGiven = [this.#records, this.#removed].some((map) => map.get(scope, workspaceId) !== undefined);
    if (isGiven) throw idGiven(workspaceId);
  }

  /**
   * Marks an existing workspace active, unless it is being deleted; answers whether it was. Synchronous, so that the
   * artifact repository beside it can change both in one indivisible move.
   */
  touchActive(scope: TenantScope, workspaceId: string, at: string): boolean {
    const record = this.#records.get(scope, workspaceId);
    if (record === undefined || record.deletingSince !== undefined) return false;
    if (at > record.lastActiveAt) {
      this.#records.set(scope, { ...record, lastActiveAt: at, updatedAt: at }, workspaceId);
    }
    return true;
  }
}
