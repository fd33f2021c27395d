import type { PolicyOperations } from '@steward/sdk';
import { StewardError } from '@steward/sdk';
import type { Caller, OperationHandlers, SigningKeys } from '@steward/service-kit';
import type { BundleService } from './service.ts';

type BundleHandlers = Pick<OperationHandlers<PolicyOperations>, 'getPolicyBundle' | 'getJwks'>;

/** Answers the operations on bundles and the keys that verify them. */
export function createBundleRoutes(bundles: BundleService, keys: SigningKeys): BundleHandlers {
  return {
    getPolicyBundle: async ({ query: { tenantId, userId, sessionId }, context: { caller } }) => {
      refuseOtherTenant(tenantId, caller);
      return { status: 200, body: await bundles.issue(caller.scope, { userId, sessionId }) };
    },
    getJwks: () => ({
      status: 200,
      body: { keys: keys.jwks.keys.map((key) => ({ ...key })) },
      headers: { 'Cache-Control': 'public, max-age=300' },
    }),
  };
}

/** A service acts in one tenant at a time, which `x-acting-tenant` names; the query only repeats it. */
function refuseOtherTenant(tenantId: string, caller: Caller): void {
  if (tenantId === caller.tenantId) return;
  throw new StewardError(
    'PERMISSION_DENIED',
    'tenantId must be the tenant that x-acting-tenant names; ask for each tenant by itself.',
    { details: { reasonCodes: ['other_tenant'] } },
  );
}
