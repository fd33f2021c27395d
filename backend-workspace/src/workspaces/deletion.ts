import { StewardError, timestampOf } from '@steward/sdk';
import type { Clock } from '@steward/sdk';
import type { TenantScope } from '@steward/service-kit';
import type { ContentStore } from '../artifacts/content.ts';
import type { ArtifactRepository } from '../artifacts/repository.ts';
import type { WorkspaceRepository } from './repository.ts';
import type { DeletionReceipt } from './workspace.ts';

const rounds = 3;

/**
 * Removes a workspace from both stores. Order: mark (no upload can commit any more), contents, records, look whether
 * anything is left, and only then the workspace's own record. Stopped anywhere, it can be begun again.
 */
export class WorkspaceDeletion {
  readonly #workspaces: WorkspaceRepository;
  readonly #artifacts: ArtifactRepository;
  readonly #content: ContentStore;
  readonly #clock: Clock;

  constructor(deps: {
    readonly workspaces: WorkspaceRepository;
    readonly artifacts: ArtifactRepository;
    readonly content: ContentStore;
    readonly clock: Clock;
  }) {
    this.#workspaces = deps.workspaces;
    this.#artifacts = deps.artifacts;
    this.#content = deps.content;
    this.#clock = deps.clock;
  }

  /**
   * Answers undefined when there is no such workspace, or when it was active at `inactiveSince` or later.
   * Throws INTERNAL_ERROR when something is still there after several rounds; the workspace then stays marked.
   */
  async delete(
    scope: TenantScope,
    workspaceId: string,
    options: { readonly inactiveSince?: string } = {},
  ): Promise<DeletionReceipt | undefined> {
    if (!(await this.#workspaces.beginDeletion(scope, workspaceId, timestampOf(this.#clock), options)))
      return undefined;
    const removed = await this.#count(scope, workspaceId);
    for (let round = 0; round < rounds; round += 1) {
      await this.#content.removeAll(scope, workspaceId);
      await this.#artifacts.removeAll(scope, workspaceId);
      if (await this.#isEmpty(scope, workspaceId)) {
        const receipt = { workspaceId, ...removed, verified: true, deletedAt: timestampOf(this.#clock) };
        await this.#workspaces.remove(scope, receipt);
        return receipt;
      }
    }
    throw new StewardError(
      'INTERNAL_ERROR',
      `Workspace ${workspaceId} could not be removed completely. It takes no data any more; delete it again.`,
    );
  }

  async #count(scope: TenantScope, workspaceId: string): Promise<{ deletedArtifacts: number; deletedBytes: number }> {
    let deletedArtifacts = 0;
    let deletedBytes = 0;
    for await (const { status, sizeBytes } of this.#artifacts.listAll(scope, workspaceId)) {
      if (status === 'discarded') continue;
      deletedArtifacts += 1;
      if (status === 'stored') deletedBytes += sizeBytes;
    }
    return { deletedArtifacts, deletedBytes };
  }

  async #isEmpty(scope: TenantScope, workspaceId: string): Promise<boolean> {
    for await (const _left of this.#content.list(scope, workspaceId)) return false;
    return (await this.#artifacts.count(scope, workspaceId)) === 0;
  }
}
