import type { Owner } from '../owner.ts';

/** A workspace as the store keeps it. */
export interface WorkspaceRecord extends Owner {
  readonly workspaceId: string;
  readonly workspaceScope: 'local' | 'general' | 'cloud';
  /** Normalised absolute path of the project folder; scope `local` only. */
  readonly localPath?: string;
  /** Uniqueness key over tenant, user and path; scope `local` only. */
  readonly localPathKey?: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly lastActiveAt: string;
  /** Set once deletion has begun: from then on the workspace takes no data and answers as if it did not exist. */
  readonly deletingSince?: string;
}

/** What a finished deletion removed, counted by the try that finished it. */
export interface DeletionReceipt {
  readonly workspaceId: string;
  readonly deletedArtifacts: number;
  readonly deletedBytes: number;
  readonly verified: boolean;
  readonly deletedAt: string;
}

/** What is left of a removed workspace: that its id was given, whose it was, and the receipt. */
export interface RemovedWorkspace extends Owner {
  readonly receipt: DeletionReceipt;
}

/**
 * How long it is left, in seconds: longer than a request's key is remembered, so that no late repetition of the request
 * that made the workspace can make it again.
 */
export const removedSeconds = 2 * 24 * 60 * 60;

/** What clients see of a workspace. */
export type WorkspaceView = Omit<WorkspaceRecord, 'localPathKey' | 'deletingSince'>;

/** Leaves out what only the store needs. */
export function viewWorkspace(record: WorkspaceRecord): WorkspaceView {
  const { localPathKey: _key, deletingSince: _since, ...view } = record;
  return view;
}
