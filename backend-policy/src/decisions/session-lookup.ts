import type { SessionPaths } from '@steward/sdk';
import { createServiceClient } from '@steward/sdk';

/** What the Policy Service needs of the Session Service. */
export interface SessionLookup {
  /** Whose session it is; SESSION_NOT_FOUND for sessions of other people and tenants. */
  find(caller: { tenantId: string; userId: string }, sessionId: string): Promise<{ userId: string }>;
}

/** Looks sessions up over HTTP, with this service's own token and the person named in acting headers. */
export function createSessionLookup(connection: { baseUrl: string; getToken: () => Promise<string> }): SessionLookup {
  const client = createServiceClient<SessionPaths>(connection.baseUrl, {
    getToken: connection.getToken,
    timeoutMs: 10_000,
  });
  return {
    async find(caller, sessionId) {
      const { data } = await client.GET('/sessions/{sessionId}', {
        params: { path: { sessionId } },
        headers: { 'x-acting-tenant': caller.tenantId, 'x-acting-user': caller.userId },
      });
      return { userId: data!.userId };
    },
  };
}
