import type { Environment, ServiceConfig } from '@steward/service-kit';
import { ConfigError, deepFreeze, readServiceConfig } from '@steward/service-kit';

/** What the Session Service is told by its environment. */
export interface SessionServiceConfig extends ServiceConfig {
  readonly workspaceServiceUrl: string;
  readonly policyServiceUrl: string;
  readonly client: { readonly id: string; readonly secret: string };
  /** For whom messages that no longer fit a request are summed up by the model: everybody, or these tenants. */
  readonly contextSummaries: 'everybody' | readonly string[];
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
    contextSummaries: readSummaries(environment['CONTEXT_SUMMARIES']),
  });
}

/** `off` (the default), `on`, or tenants separated by commas. */
function readSummaries(text = 'off'): SessionServiceConfig['contextSummaries'] {
  if (text === 'on') return 'everybody';
  if (text === 'off' || text === '') return [];
  const tenants = text.split(',').map((tenant) => tenant.trim());
  if (tenants.every((tenant) => /^[\w.-]{1,100}$/.test(tenant) && tenant !== 'on' && tenant !== 'off')) return tenants;
  throw new ConfigError('CONTEXT_SUMMARIES must be on, off, or ids of tenants separated by commas.');
}
