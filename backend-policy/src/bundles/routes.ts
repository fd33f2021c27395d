import type { PolicyOperations } from '@steward/sdk';
import type { OperationHandlers, SigningKeys } from '@steward/service-kit';
import type { BundleService } from './service.ts';

type BundleHandlers = Pick<OperationHandlers<PolicyOperations>, 'getPolicyBundle' | 'getJwks'>;

/** Answers the operations on bundles and the keys that verify them. */
export function createBundleRoutes(bundles: BundleService, keys: SigningKeys): BundleHandlers {
  return {
    getPolicyBundle: async ({ query }) => ({ status: 200, body: await bundles.issue(query) }),
    getJwks: () => ({
      status: 200,
      body: { keys: keys.jwks.keys.map((key) => ({ ...key })) },
      headers: { 'Cache-Control': 'public, max-age=300' },
    }),
  };
}
