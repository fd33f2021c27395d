import type { ArtifactRecord } from '../src/artifacts/artifact.ts';
import type { Owner } from '../src/owner.ts';
import { localPathKey } from '../src/workspaces/local-path.ts';
import type { DeletionReceipt, WorkspaceRecord } from '../src/workspaces/workspace.ts';
import { newId } from '@steward/sdk';
import { testScope } from '@steward/service-kit/test-support';

export const acme = testScope('acme');
export const globex = testScope('globex');

export const alice: Owner = { tenantId: 'acme', userId: 'alice' };
export const bob: Owner = { tenantId: 'acme', userId: 'bob' };
export const otherAlice: Owner = { tenantId: 'globex', userId: 'alice' };

/** The n-th minute of a day; sorts by n. */
export function minute(n: number): string {
  return new Date(Date.UTC(2026, 1, 21, 0, n)).toISOString();
}

/** A general workspace last active at the given time. */
export function generalWorkspace(owner: Owner, at = minute(0)): WorkspaceRecord {
  return {
    workspaceId: newId('ws'),
    ...owner,
    workspaceScope: 'general',
    createdAt: at,
    updatedAt: at,
    lastActiveAt: at,
  };
}

/** The receipt of a workspace that was removed empty. */
export function receiptOf({ workspaceId }: WorkspaceRecord): DeletionReceipt {
  return { workspaceId, deletedArtifacts: 0, deletedBytes: 0, verified: true, deletedAt: minute(20) };
}

/** A local workspace of the path. */
export function localWorkspace(
  owner: Owner,
  localPath: string,
  at = minute(0),
): WorkspaceRecord & { localPathKey: string } {
  return {
    ...generalWorkspace(owner, at),
    workspaceScope: 'local',
    localPath,
    localPathKey: localPathKey(owner, localPath),
  };
}

/** A pending artifact, as an upload reserves it. */
export function pendingArtifact(workspaceId: string, changes: Partial<ArtifactRecord> = {}): ArtifactRecord {
  return {
    tenantId: 'acme',
    artifactId: newId('art'),
    workspaceId,
    sessionId: newId('sess'),
    artifactType: 'tool_output',
    name: 'output.txt',
    contentType: 'text/plain',
    sizeBytes: 0,
    sizeAnnounced: false,
    status: 'pending',
    requestDigest: 'sha256:request',
    createdAt: minute(1),
    updatedAt: minute(1),
    cleanupAt: minute(90),
    ...changes,
  };
}
