import { policyOpenApi } from '@steward/contracts/openapi';
import type { PolicyOperations } from '@steward/sdk';
import { createService } from '@steward/service-kit';
import type { Service, ServiceOptions, SigningKeys } from '@steward/service-kit';
import { createBundleRoutes } from './bundles/routes.ts';
import { BundleService } from './bundles/service.ts';
import { createDecisionRoutes } from './decisions/routes.ts';
import type { SessionLookup } from './decisions/session-lookup.ts';
import { createPolicyRoutes } from './policies/routes.ts';
import type { PolicyServiceDeps } from './policies/service.ts';
import { PolicyAdministration } from './policies/service.ts';

/** What the Policy Service is made of; all of it stays the caller's. */
export interface AppDeps
  extends
    PolicyServiceDeps,
    Pick<ServiceOptions<PolicyOperations>, 'authenticate' | 'idempotency' | 'logger' | 'newId'> {
  readonly keys: SigningKeys;
  readonly sessions: SessionLookup;
  readonly bundleLifetimeSeconds: number;
}

/** Builds the Policy Service; it does not listen yet. */
export function createApp(deps: AppDeps): Service {
  const policies = new PolicyAdministration(deps);
  const bundles = new BundleService({
    policies,
    keys: deps.keys,
    clock: deps.clock,
    lifetimeSeconds: deps.bundleLifetimeSeconds,
  });
  return createService<PolicyOperations>({
    ...deps,
    name: 'policy',
    openApi: policyOpenApi,
    handlers: {
      ...createPolicyRoutes(policies),
      ...createBundleRoutes(bundles, deps.keys),
      ...createDecisionRoutes({ bundles, sessions: deps.sessions, clock: deps.clock }),
    },
    readiness: () => deps.policies.check(),
  });
}
