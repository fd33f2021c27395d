import { StewardError } from '@steward/sdk';
import type { Page, PageRequest, SystemScope, TenantScope } from '@steward/service-kit';
import type { DeletionReceipt, RemovedWorkspace, WorkspaceRecord } from './workspace.ts';

/** The refusal of an id that was given before; the repeated request finds what became of it. */
export function idGiven(workspaceId: string, cause?: unknown): StewardError {
  return new StewardError('CONFLICT', `Workspace ${workspaceId} was made by another try of this request. Try again.`, {
    retryable: true,
    details: { workspaceId },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** A workspace that the purge looks at. */
export interface PurgeableWorkspace {
  readonly tenantId: string;
  readonly workspaceId: string;
}

/**
 * Where workspaces are kept. Reads by id see every acknowledged write; lists may lag behind it in the cloud.
 * Every call is one tenant's: another's workspace does not exist in it, and none is written for another. Which person of
 * the tenant owns a workspace is the service's to check, before it shows or changes anything.
 */
export interface WorkspaceRepository {
  /** Stores a workspace; a retryable CONFLICT when its id was given before, also to one that was removed. */
  create(scope: TenantScope, record: WorkspaceRecord): Promise<void>;
  /**
   * Stores a local workspace unless one with the same `localPathKey` exists, which is then marked active and answered
   * instead. However many callers race, they all get the same workspace. CONFLICT as with `create`.
   */
  createLocal(
    scope: TenantScope,
    record: WorkspaceRecord & { readonly localPathKey: string },
  ): Promise<{ record: WorkspaceRecord; created: boolean }>;
  /** The record, also while it is being deleted. */
  find(scope: TenantScope, workspaceId: string): Promise<WorkspaceRecord | undefined>;
  /** Workspaces of one person, last active first; those being deleted are left out. */
  listByOwner(scope: TenantScope, userId: string, page: PageRequest): Promise<Page<WorkspaceRecord>>;
  /**
   * Begins deletion: the workspace takes no data from now on, leaves the lists, and its path is free for a new one.
   * Repeating it changes nothing. Answers false when there is no such workspace, or when `inactiveSince` is given and
   * it was active at that time or later.
   */
  beginDeletion(
    scope: TenantScope,
    workspaceId: string,
    at: string,
    options?: { readonly inactiveSince?: string },
  ): Promise<boolean>;
  /**
   * Removes the record of a workspace whose deletion has begun, but for whose it was and the receipt, which stay for two
   * days; repeating it changes nothing.
   */
  remove(scope: TenantScope, receipt: DeletionReceipt): Promise<void>;
  /** What is left of a removed workspace. */
  findRemoved(scope: TenantScope, workspaceId: string): Promise<RemovedWorkspace | undefined>;
  /** Every workspace of every tenant that was last active before the time, or whose deletion began before it stopped. */
  listPurgeable(jobs: SystemScope, inactiveSince: string): AsyncIterable<PurgeableWorkspace>;
  /** Throws when the store does not answer. */
  ping(): Promise<void>;
}
