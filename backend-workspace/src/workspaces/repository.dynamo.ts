import { StewardError } from '@steward/sdk';
import {
  BoundedMap,
  absent,
  compositeKey,
  epochSeconds,
  isCancelledBy,
  isConditionFailed,
  pingTable,
  scanTenants,
  scopedTable,
} from '@steward/service-kit';
import type { DynamoDeps, Page, PageRequest, ScopedTable, SystemScope, TenantScope } from '@steward/service-kit';
import { idGiven } from './repository.ts';
import type { PurgeableWorkspace, WorkspaceRepository } from './repository.ts';
import { manyWriters, touchOf } from './workspace-writes.ts';
import { removedSeconds } from './workspace.ts';
import type { DeletionReceipt, RemovedWorkspace, WorkspaceRecord } from './workspace.ts';

const mostKnownFolders = 10_000;

/**
 * Workspaces in the table `{env}-workspaces`, tenant#workspace; beside each local one a uniqueness row under
 * tenant#unique#path.
 */
export class DynamoWorkspaceRepository implements WorkspaceRepository {
  readonly #deps: DynamoDeps;
  /**
   * The workspace of a folder, by the whole key of its uniqueness row, as far as this process knows. Nothing depends on its
   * being right: a folder gets another workspace only after the first began to be deleted, which is then not marked active.
   */
  readonly #knownFolders = new BoundedMap<string>(mostKnownFolders);

  constructor(deps: DynamoDeps) {
    this.#deps = deps;
  }

  async create(scope: TenantScope, record: WorkspaceRecord): Promise<void> {
    const table = this.#table(scope);
    const { workspaceId } = record;
    try {
      await table.run(table.put({ ...record }, [workspaceId], indexesOf(record), { condition: absent }));
    } catch (error) {
      if (isConditionFailed(error)) throw idGiven(workspaceId, error);
      throw error;
    }
  }

  async createLocal(
    scope: TenantScope,
    record: WorkspaceRecord & { readonly localPathKey: string },
  ): Promise<{ record: WorkspaceRecord; created: boolean }> {
    const guardId = guardOf(record.localPathKey);
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const existing = await this.#existingLocal(scope, guardId, record.lastActiveAt);
      if (existing !== undefined) return { record: existing, created: false };
      if (await this.#createGuarded(scope, record, guardId)) return { record, created: true };
    }
    throw new StewardError(
      'CONFLICT',
      'The workspace of this folder is being created and deleted at once. Try again.',
      {
        retryable: true,
      },
    );
  }

  async find(scope: TenantScope, workspaceId: string): Promise<WorkspaceRecord | undefined> {
    const row = await this.#table(scope).get({ id: [workspaceId] });
    return row?.['receipt'] === undefined ? (row as WorkspaceRecord | undefined) : undefined;
  }

  async listByOwner(scope: TenantScope, userId: string, page: PageRequest): Promise<Page<WorkspaceRecord>> {
    const found = await this.#table(scope).queryPage({ index: 'byUser', id: [userId], newestFirst: true }, page);
    return { ...found, items: found.items as unknown as WorkspaceRecord[] };
  }

  async beginDeletion(
    scope: TenantScope,
    workspaceId: string,
    at: string,
    options: { readonly inactiveSince?: string } = {},
  ): Promise<boolean> {
    const table = this.#table(scope);
    const record = await this.find(scope, workspaceId);
    if (record === undefined) return false;
    if (record.deletingSince !== undefined) return true;
    const { inactiveSince } = options;
    const mark = table.update({ id: [workspaceId] }, 'SET deletingSince = :at, updatedAt = :at REMOVE tenantUser', {
      condition: `attribute_exists(tenantId) AND attribute_not_exists(deletingSince)${inactiveSince === undefined ? '' : ' AND lastActiveAt < :since'}`,
      values: { ':at': at, ...(inactiveSince === undefined ? {} : { ':since': inactiveSince }) },
    });
    const freePath = record.localPathKey === undefined ? [] : [table.delete({ id: guardOf(record.localPathKey) })];
    try {
      await table.runTogether([mark, ...freePath], manyWriters);
      return true;
    } catch (error) {
      if (!isCancelledBy(error, 0)) throw error;
      return (await this.find(scope, workspaceId))?.deletingSince !== undefined;
    }
  }

  async remove(scope: TenantScope, receipt: DeletionReceipt): Promise<void> {
    const table = this.#table(scope);
    const { workspaceId, deletedAt } = receipt;
    const record = await this.find(scope, workspaceId);
    if (record === undefined) return;
    // The mark stays too: it is what refuses data.
    const { tenantId, userId, createdAt, deletingSince } = record;
    const ttl = epochSeconds(new Date(deletedAt)) + removedSeconds;
    const left = { tenantId, userId, workspaceId, receipt, createdAt, deletingSince, updatedAt: deletedAt, ttl };
    const condition = 'attribute_exists(deletingSince) AND attribute_not_exists(receipt)';
    try {
      await table.run(table.put(left, [workspaceId], {}, { condition }));
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
    }
  }

  async findRemoved(scope: TenantScope, workspaceId: string): Promise<RemovedWorkspace | undefined> {
    const row = await this.#table(scope).get({ id: [workspaceId] });
    if (row?.['receipt'] === undefined) return undefined;
    const { tenantId, userId, receipt } = row as unknown as RemovedWorkspace;
    return { tenantId, userId, receipt };
  }

  async *listPurgeable(jobs: SystemScope, inactiveSince: string): AsyncIterable<PurgeableWorkspace> {
    const filter = {
      condition: '(attribute_exists(deletingSince) AND attribute_not_exists(receipt)) OR lastActiveAt < :since',
      values: { ':since': inactiveSince },
    };
    for await (const { tenantId, workspaceId } of scanTenants(this.#deps, 'workspaces', jobs, filter)) {
      yield { tenantId: String(tenantId), workspaceId: String(workspaceId) };
    }
  }

  ping(): Promise<void> {
    return pingTable(this.#deps, 'workspaces');
  }

  /** The folder's workspace, marked active; undefined when it has none, or one that is being deleted. */
  async #existingLocal(
    scope: TenantScope,
    guardId: readonly string[],
    at: string,
  ): Promise<WorkspaceRecord | undefined> {
    const folder = compositeKey(scope.tenantId, ...guardId);
    const known = this.#knownFolders.get(folder);
    const touched = known === undefined ? undefined : await this.#touch(scope, known, at);
    if (touched !== undefined) return touched;
    this.#knownFolders.delete(folder);
    const guard = await this.#table(scope).get({ id: guardId });
    if (guard === undefined) return undefined;
    const workspaceId = String(guard['guardedWorkspaceId']);
    const found = await this.#touch(scope, workspaceId, at);
    if (found !== undefined) this.#knownFolders.set(folder, workspaceId);
    return found;
  }

  async #touch(scope: TenantScope, workspaceId: string, at: string): Promise<WorkspaceRecord | undefined> {
    try {
      const row = await this.#table(scope).run(touchOf(this.#deps, scope, workspaceId, at), manyWriters);
      return row as WorkspaceRecord | undefined;
    } catch (error) {
      if (isConditionFailed(error)) return undefined;
      throw error;
    }
  }

  async #createGuarded(scope: TenantScope, record: WorkspaceRecord, guardId: readonly string[]): Promise<boolean> {
    const table = this.#table(scope);
    const { tenantId, workspaceId, createdAt, updatedAt } = record;
    const guard = { tenantId, guardedWorkspaceId: workspaceId, createdAt, updatedAt };
    try {
      await table.runTogether(
        [
          table.put(guard, guardId, {}, { condition: absent }),
          table.put({ ...record }, [workspaceId], indexesOf(record), { condition: absent }),
        ],
        manyWriters,
      );
      return true;
    } catch (error) {
      if (isCancelledBy(error, 0)) return false;
      if (isCancelledBy(error, 1)) throw idGiven(workspaceId, error);
      throw error;
    }
  }

  #table(scope: TenantScope): ScopedTable {
    return scopedTable(this.#deps, 'workspaces', scope);
  }
}

function guardOf(localPathKey: string): readonly string[] {
  return ['unique', localPathKey];
}

function indexesOf({ userId }: WorkspaceRecord): Record<string, readonly string[]> {
  return { byUser: [userId] };
}
