import type { WorkspaceOperations } from '@steward/sdk';
import type { OperationHandlers } from '@steward/service-kit';
import type { SessionEntry } from '../artifacts/artifact.ts';
import type { WorkspaceService } from './service.ts';
import { viewWorkspace } from './workspace.ts';

type Handled = 'createWorkspace' | 'listWorkspaces' | 'getWorkspace' | 'deleteWorkspace' | 'listWorkspaceSessions';

/** The operations on workspaces themselves. */
export function createWorkspaceRoutes(
  service: WorkspaceService,
): Pick<OperationHandlers<WorkspaceOperations>, Handled> {
  return {
    createWorkspace: async ({ body, context }) => {
      const { record, created } = await service.create(context.caller, body, context.attempt);
      return { status: created ? 201 : 200, body: viewWorkspace(record) };
    },
    listWorkspaces: async ({ query, context }) => {
      const page = await service.list(context.caller, query);
      return { status: 200, body: { ...page, items: page.items.map(viewWorkspace) } };
    },
    getWorkspace: async ({ path, context }) => ({
      status: 200,
      body: viewWorkspace(await service.get(context.caller, path.workspaceId)),
    }),
    deleteWorkspace: async ({ path, context }) => ({
      status: 200,
      body: await service.delete(context.caller, path.workspaceId, {
        onlyEmpty: context.caller.isService,
        isRedo: context.attempt.isRedo,
      }),
    }),
    listWorkspaceSessions: async ({ path, query, context }) => {
      const page = await service.listSessions(context.caller, path.workspaceId, query);
      return { status: 200, body: { ...page, items: page.items.map(viewSession) } };
    },
  };
}

function viewSession({ replacedArtifactIds: _replaced, tenantId: _tenant, ...view }: SessionEntry) {
  return view;
}
