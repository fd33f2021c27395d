import type { Environment, ServiceConfig } from '@steward/service-kit';
import { ConfigError, deepFreeze, readServiceConfig } from '@steward/service-kit';

/** What the Session Service is told by its environment. */
export interface SessionServiceConfig extends ServiceConfig {
  readonly workspaceServiceUrl: string;
  readonly policyServiceUrl: string;
  readonly client: { readonly id: string; readonly secret: string };
}

/** Reads and checks the environment; frozen. Throws ConfigError that names the variable. */
export function readConfig(environment: Environment): SessionServiceConfig {
  const common = readServiceConfig(environment);
  const { workspace, policy } = common.serviceUrls;
  if (workspace === undefined) throw new ConfigError('WORKSPACE_SERVICE_URL is not set.');
  if (policy === undefined) throw new ConfigError('POLICY_SERVICE_URL is not set.');
  const { clientId, clientSecret } = common.oidc;
  if (clientId === undefined || clientSecret === undefined) {
    throw new ConfigError('OIDC_CLIENT_ID and OIDC_CLIENT_SECRET are not set.');
  }
  return deepFreeze({
    ...common,
    workspaceServiceUrl: workspace,
    policyServiceUrl: policy,
    client: { id: clientId, secret: clientSecret },
  });
}
