import type { PolicyPaths, WorkspacePaths } from '@steward/sdk';
import { createServiceClient } from '@steward/sdk';

/** The person for whom the Session Service asks another service. */
export interface ActingFor {
  readonly tenantId: string;
  readonly userId: string;
}

/** What the Session Service needs of the Workspace Service. */
export interface WorkspaceResolver {
  /** The workspace of a project folder (the same one every time), or a new one for a general chat. */
  resolve(
    actingFor: ActingFor,
    localPath: string | undefined,
    idempotencyKey: string,
  ): Promise<{ workspaceId: string }>;
  /** Takes back a workspace that was made for a session which never came to be. */
  release(actingFor: ActingFor, workspaceId: string): Promise<void>;
}

/** What the Session Service needs of the Policy Service. */
export interface BundleIssuer {
  /** A signed bundle for one session of one person. */
  issue(
    actingFor: ActingFor,
    sessionId: string,
  ): Promise<{ policyBundle: string; policyBundleVersion: number; expiresAt: string }>;
}

/** Where another service is and how to prove who asks. */
export interface BackendConnection {
  readonly baseUrl: string;
  /** A token of this service for that service's audience. */
  readonly getToken: () => Promise<string>;
}

const timeoutMs = 10_000;

/** Resolves workspaces over HTTP, with this service's own token and the person named in acting headers. */
export function createWorkspaceResolver(connection: BackendConnection): WorkspaceResolver {
  const client = createServiceClient<WorkspacePaths>(connection.baseUrl, { getToken: connection.getToken, timeoutMs });
  return {
    async resolve(actingFor, localPath, idempotencyKey) {
      const { data } = await client.POST('/workspaces', {
        params: { header: { 'Idempotency-Key': idempotencyKey } },
        headers: actingHeaders(actingFor),
        body: localPath === undefined ? { workspaceScope: 'general' } : { workspaceScope: 'local', localPath },
      });
      return { workspaceId: data!.workspaceId };
    },
    async release(actingFor, workspaceId) {
      await client.DELETE('/workspaces/{workspaceId}', {
        params: { path: { workspaceId } },
        headers: actingHeaders(actingFor),
      });
    },
  };
}

/** Fetches bundles over HTTP, with this service's own token. */
export function createBundleIssuer(connection: BackendConnection): BundleIssuer {
  const client = createServiceClient<PolicyPaths>(connection.baseUrl, { getToken: connection.getToken, timeoutMs });
  return {
    async issue(actingFor, sessionId) {
      const { tenantId, userId } = actingFor;
      const { data } = await client.GET('/policy-bundles', {
        params: { query: { tenantId, userId, sessionId } },
        headers: actingHeaders(actingFor),
      });
      return data!;
    },
  };
}

function actingHeaders(actingFor: ActingFor): Record<string, string> {
  return { 'x-acting-tenant': actingFor.tenantId, 'x-acting-user': actingFor.userId };
}
