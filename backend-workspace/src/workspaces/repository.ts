import type { Owner } from '../owner.ts';
import type { Page, PageRequest } from '../paging.ts';
import type { WorkspaceRecord } from './workspace.ts';

/**
 * Where workspaces are kept. Reads by id see every acknowledged write; lists may lag behind it in the cloud.
 * Nothing here checks ownership: the service does, before it shows or changes anything.
 */
export interface WorkspaceRepository {
  /** Stores a workspace that shares no key with another. */
  create(record: WorkspaceRecord): Promise<void>;
  /**
   * Stores a local workspace unless one with the same `localPathKey` exists, which is then marked active and answered
   * instead. However many callers race, they all get the same workspace.
   */
  createLocal(
    record: WorkspaceRecord & { readonly localPathKey: string },
  ): Promise<{ record: WorkspaceRecord; created: boolean }>;
  /** The record, also while it is being deleted. */
  find(workspaceId: string): Promise<WorkspaceRecord | undefined>;
  /** Workspaces of one person, last active first; those being deleted are left out. */
  listByOwner(owner: Owner, page: PageRequest): Promise<Page<WorkspaceRecord>>;
  /**
   * Begins deletion: the workspace takes no data from now on, leaves the lists, and its path is free for a new one.
   * Repeating it changes nothing. Answers false when there is no such workspace, or when `inactiveSince` is given and
   * it was active at that time or later.
   */
  beginDeletion(workspaceId: string, at: string, options?: { readonly inactiveSince?: string }): Promise<boolean>;
  /** Removes the record of a workspace whose deletion has begun; repeating it changes nothing. */
  remove(workspaceId: string): Promise<void>;
  /** Ids of every workspace that was last active before the time, or whose deletion began before it stopped. */
  listPurgeable(inactiveSince: string): AsyncIterable<string>;
  /** Throws when the store does not answer. */
  ping(): Promise<void>;
}
