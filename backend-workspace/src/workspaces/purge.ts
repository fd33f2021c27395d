import type { Clock } from '@steward/sdk';
import { systemScope } from '@steward/service-kit';
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

/** The purge finds what is due in all tenants and removes it as one tenant at a time. */
const jobs = systemScope('workspace-purge');

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
    for await (const { tenantId, workspaceId } of workspaces.listPurgeable(jobs, inactiveSince)) {
      const scope = jobs.forTenant(tenantId);
      const receipt = await attempt(failures, () => deletion.delete(scope, workspaceId, { inactiveSince }));
      if (receipt !== undefined) removed += 1;
    }
    return removed;
  }

  async #staleUploads(failures: { count: number }): Promise<number> {
    const { artifacts, content, clock } = this.#deps;
    let removed = 0;
    for await (const { tenantId, workspaceId, artifactId } of artifacts.listDue(jobs, clock.now().toISOString())) {
      const scope = jobs.forTenant(tenantId);
      await attempt(failures, async () => {
        // From here on nothing can commit it, so its content is never taken from under a stored artifact.
        if (!(await artifacts.abandon(scope, workspaceId, artifactId, clock.now().toISOString()))) return;
        await content.remove(scope, { workspaceId, artifactId });
        await artifacts.discard(scope, workspaceId, artifactId);
        removed += 1;
      });
    }
    return removed;
  }

  async #orphans(failures: { count: number }): Promise<number> {
    const { workspaces, content } = this.#deps;
    let removed = 0;
    for await (const { tenantId, workspaceId } of content.listWorkspaces(jobs)) {
      const scope = jobs.forTenant(tenantId);
      await attempt(failures, async () => {
        if ((await workspaces.find(scope, workspaceId)) !== undefined) return;
        await content.removeAll(scope, workspaceId);
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
