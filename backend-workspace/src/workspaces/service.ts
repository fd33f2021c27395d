import { StewardError, timestampOf } from '@steward/sdk';
import type { Clock } from '@steward/sdk';
import { alreadyDone } from '@steward/service-kit';
import type { Attempt, Page, PageRequest } from '@steward/service-kit';
import type { ArtifactRepository } from '../artifacts/repository.ts';
import type { SessionEntry } from '../artifacts/artifact.ts';
import { isOwnedBy, ownerOf } from '../owner.ts';
import type { Requester } from '../owner.ts';
import type { WorkspaceDeletion } from './deletion.ts';
import { localPathKey, normalizeLocalPath } from './local-path.ts';
import type { WorkspaceRepository } from './repository.ts';
import type { DeletionReceipt, WorkspaceRecord } from './workspace.ts';

/** What a workspace is created from. */
export interface WorkspaceInput {
  readonly workspaceScope: 'local' | 'general';
  readonly localPath?: string;
}

/** What the workspace rules need. */
export interface WorkspaceServiceDeps {
  readonly workspaces: WorkspaceRepository;
  readonly artifacts: ArtifactRepository;
  readonly deletion: WorkspaceDeletion;
  readonly clock: Clock;
}

/** Workspaces of people: whatever belongs to somebody else answers as if it did not exist. */
export class WorkspaceService {
  readonly #deps: WorkspaceServiceDeps;

  constructor(deps: WorkspaceServiceDeps) {
    this.#deps = deps;
  }

  /**
   * A local workspace is one per tenant, user and path, and marked active when it existed; a general one is always new.
   * A redo answers what the first try made. @throws CONFLICT when that was deleted since
   */
  async create(
    owner: Requester,
    input: WorkspaceInput,
    attempt: Attempt,
  ): Promise<{ record: WorkspaceRecord; created: boolean }> {
    const { clock, workspaces } = this.#deps;
    const at = timestampOf(clock);
    const workspaceId = attempt.newId('ws');
    const base = { workspaceId, ...ownerOf(owner), createdAt: at, updatedAt: at, lastActiveAt: at };
    if (input.workspaceScope === 'general') {
      if (input.localPath !== undefined)
        throw pathRule('A general workspace has no localPath. Leave it out, or ask for scope local.');
      const made = attempt.isRedo ? await this.#made(owner, workspaceId) : undefined;
      if (made !== undefined) return { record: made, created: true };
      const record: WorkspaceRecord = { ...base, workspaceScope: 'general' };
      await workspaces.create(owner.scope, record);
      return { record, created: true };
    }
    if (input.localPath === undefined)
      throw pathRule('A local workspace needs localPath, the absolute path of the project folder.');
    const localPath = normalizeLocalPath(input.localPath);
    if (attempt.isRedo) await this.#made(owner, workspaceId);
    const { record, created } = await workspaces.createLocal(owner.scope, {
      ...base,
      workspaceScope: 'local',
      localPath,
      localPathKey: localPathKey(owner, localPath),
    });
    return { record, created: created || record.workspaceId === workspaceId };
  }

  /** What the first try of a redo made, if anything. @throws CONFLICT when it was deleted since */
  async #made(owner: Requester, workspaceId: string): Promise<WorkspaceRecord | undefined> {
    const { workspaces } = this.#deps;
    const record = await workspaces.find(owner.scope, workspaceId);
    const isGone =
      record === undefined
        ? (await workspaces.findRemoved(owner.scope, workspaceId)) !== undefined
        : record.deletingSince !== undefined;
    if (isGone)
      throw alreadyDone(`Workspace ${workspaceId} was deleted since; create one with a new key.`, { workspaceId });
    return record;
  }

  /** Throws NOT_FOUND unless the workspace is the owner's and not being deleted. */
  async get(owner: Requester, workspaceId: string): Promise<WorkspaceRecord> {
    const record = await this.#deps.workspaces.find(owner.scope, workspaceId);
    if (record === undefined || !isOwnedBy(record, owner) || record.deletingSince !== undefined)
      throw unknownWorkspace(workspaceId);
    return record;
  }

  /** The owner's workspaces, last active first. */
  async list(owner: Requester, page: PageRequest): Promise<Page<WorkspaceRecord>> {
    return this.#deps.workspaces.listByOwner(owner.scope, owner.userId, page);
  }

  /** Sessions with saved history in the owner's workspace, newest first. */
  async listSessions(owner: Requester, workspaceId: string, page: PageRequest): Promise<Page<SessionEntry>> {
    await this.get(owner, workspaceId);
    return this.#deps.artifacts.listSessions(owner.scope, workspaceId, page);
  }

  /**
   * Removes everything of the owner's workspace, also when an earlier try was interrupted. With `onlyEmpty` a workspace
   * that holds artifacts is refused with CONFLICT: a service takes back what it made, never what a person stored. A redo
   * answers the receipt of the first try.
   */
  async delete(
    owner: Requester,
    workspaceId: string,
    { onlyEmpty = false, isRedo = false }: { readonly onlyEmpty?: boolean; readonly isRedo?: boolean } = {},
  ): Promise<DeletionReceipt> {
    const { workspaces } = this.#deps;
    const record = await workspaces.find(owner.scope, workspaceId);
    if (record === undefined && isRedo) {
      const removed = await workspaces.findRemoved(owner.scope, workspaceId);
      if (removed !== undefined && isOwnedBy(removed, owner)) return removed.receipt;
    }
    if (record === undefined || !isOwnedBy(record, owner)) throw unknownWorkspace(workspaceId);
    if (onlyEmpty && (await this.#deps.artifacts.count(owner.scope, workspaceId)) > 0) {
      throw new StewardError('CONFLICT', `Workspace ${workspaceId} holds artifacts; its owner can delete it.`, {
        details: { workspaceId, reasonCodes: ['workspace_not_empty'] },
      });
    }
    const receipt = await this.#deps.deletion.delete(owner.scope, workspaceId);
    if (receipt === undefined) throw unknownWorkspace(workspaceId);
    return receipt;
  }
}

/** The refusal of a workspace that does not exist, belongs to somebody else or is being deleted. */
export function unknownWorkspace(workspaceId: string): StewardError {
  return new StewardError(
    'NOT_FOUND',
    `Workspace ${workspaceId} does not exist. Check the id, or create a workspace.`,
    {
      details: { workspaceId },
    },
  );
}

function pathRule(message: string): StewardError {
  return new StewardError('INVALID_REQUEST', message, { details: { field: 'localPath' } });
}
