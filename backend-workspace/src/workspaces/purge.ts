import type { Clock } from '@steward/sdk';
import type { ContentStore } from '../artifacts/content.ts';
import type { ArtifactRepository } from '../artifacts/repository.ts';
import type { WorkspaceDeletion } from './deletion.ts';
import type { WorkspaceRepository } from './repository.ts';

/** How long a workspace without activity is kept. */
export const retentionDays = 90;

/** What one run of the purge removed. */
export interface PurgeReport {
  readonly workspaces: number;
  readonly uploads: number;
  readonly orphans: number;
  /** Workspaces and uploads that could not be removed; the next run tries them again. */
  readonly failures: number;
}

const dayMs = 24 * 60 * 60 * 1000;

/**
 * Removes what nobody needs: workspaces inactive for 90 days, deletions that were interrupted, uploads that never
 * finished, histories that were replaced, and content whose workspace is gone. Any number of instances may run it.
 */
export class WorkspacePurge {
  readonly #deps: {
    readonly workspaces: WorkspaceRepository;
    readonly artifacts: ArtifactRepository;
    readonly content: ContentStore;
    readonly deletion: WorkspaceDeletion;
    readonly clock: Clock;
  };
  #running: Promise<PurgeReport> | undefined;

  constructor(deps: {
    readonly workspaces: WorkspaceRepository;
    readonly artifacts: ArtifactRepository;
    readonly content: ContentStore;
    readonly deletion: WorkspaceDeletion;
    readonly clock: Clock;
  }) {
    this.#deps = deps;
  }

  /** One run; a call during a run answers that run. */
  run(): Promise<PurgeReport> {
    this.#running ??= this.#purge().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #purge(): Promise<PurgeReport> {
    const failures = { count: 0 };
    const workspaces = await this.#inactiveWorkspaces(failures);
    const uploads = await this.#staleUploads(failures);
    const orphans = await this.#orphans(failures);
    return { workspaces, uploads, orphans, failures: failures.count };
  }

  async #inactiveWorkspaces(failures: { count: number }): Promise<number> {
    const { workspaces, deletion, clock } = this.#deps;
    const inactiveSince = new Date(clock.now().getTime() - retentionDays * dayMs).toISOString();
    let removed = 0;
    for await (const workspaceId of workspaces.listPurgeable(inactiveSince)) {
      const receipt = await attempt(failures, () => deletion.delete(workspaceId, { inactiveSince }));
      if (receipt !== undefined) removed += 1;
    }
    return removed;
  }

  async #staleUploads(failures: { count: number }): Promise<number> {
    const { artifacts, content, clock } = this.#deps;
    let removed = 0;
    for await (const { workspaceId, artifactId } of artifacts.listDue(clock.now().toISOString())) {
      await attempt(failures, async () => {
        // From here on nothing can commit it, so its content is never taken from under a stored artifact.
        if (!(await artifacts.abandon(workspaceId, artifactId, clock.now().toISOString()))) return;
        await content.remove({ workspaceId, artifactId });
        await artifacts.discard(workspaceId, artifactId);
        removed += 1;
      });
    }
    return removed;
  }

  async #orphans(failures: { count: number }): Promise<number> {
    const { workspaces, content } = this.#deps;
    let removed = 0;
    for await (const workspaceId of content.listWorkspaces()) {
      await attempt(failures, async () => {
        if ((await workspaces.find(workspaceId)) !== undefined) return;
        await content.removeAll(workspaceId);
        removed += 1;
      });
    }
    return removed;
  }
}

async function attempt<T>(failures: { count: number }, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch {
    failures.count += 1;
    return undefined;
  }
}
