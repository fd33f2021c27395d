import { workspaceOpenApi } from '@steward/contracts/openapi';
import { systemClock } from '@steward/sdk';
import type { Clock, WorkspaceOperations } from '@steward/sdk';
import { createService } from '@steward/service-kit';
import type { ProcessOptions, Service, ServiceOptions } from '@steward/service-kit';
import type { ContentStore } from './artifacts/content.ts';
import type { ArtifactRepository } from './artifacts/repository.ts';
import { createArtifactRoutes } from './artifacts/routes.ts';
import { ArtifactService } from './artifacts/service.ts';
import { ArtifactUploads } from './artifacts/uploads.ts';
import { WorkspaceDeletion } from './workspaces/deletion.ts';
import { WorkspacePurge } from './workspaces/purge.ts';
import type { WorkspaceRepository } from './workspaces/repository.ts';
import { createWorkspaceRoutes } from './workspaces/routes.ts';
import { WorkspaceService } from './workspaces/service.ts';

/** What the Workspace Service is made of; all of it stays the caller's. */
export interface AppDeps extends Pick<
  ServiceOptions<WorkspaceOperations>,
  'authenticate' | keyof ProcessOptions | 'idempotency' | 'logger' | 'newId'
> {
  readonly workspaces: WorkspaceRepository;
  readonly artifacts: ArtifactRepository;
  readonly content: ContentStore;
  readonly clock?: Clock;
}

/** The service, not listening yet, and the purge that its process runs from time to time. */
export interface WorkspaceApp {
  readonly service: Service;
  readonly purge: WorkspacePurge;
}

/** Builds the Workspace Service. */
export function createApp(deps: AppDeps): WorkspaceApp {
  const stores = { workspaces: deps.workspaces, artifacts: deps.artifacts, content: deps.content };
  const base = { ...stores, clock: deps.clock ?? systemClock };
  const deletion = new WorkspaceDeletion(base);
  const workspaces = new WorkspaceService({ ...base, deletion });
  const artifacts = new ArtifactService({ ...base, workspaces, uploads: new ArtifactUploads(base) });
  const service = createService<WorkspaceOperations>({
    ...deps,
    name: 'workspace',
    openApi: workspaceOpenApi,
    handlers: { ...createWorkspaceRoutes(workspaces), ...createArtifactRoutes(artifacts) },
    readiness: async () => {
      await Promise.all([deps.workspaces.ping(), deps.content.ping()]);
    },
  });
  return { service, purge: new WorkspacePurge({ ...base, deletion }) };
}
