import type { Environment, ServiceConfig } from '@steward/service-kit';
import { ConfigError, deepFreeze, integer, readServiceConfig, required } from '@steward/service-kit';

/** What the Policy Service is told by its environment. */
export interface PolicyServiceConfig extends ServiceConfig {
  /** File of the private signing keys; made at first start. */
  readonly keysFile: string;
  readonly bundleLifetimeSeconds: number;
  readonly sessionServiceUrl: string;
  /** Absent: changes to policies are logged only. */
  readonly auditServiceUrl?: string;
  readonly client: { readonly id: string; readonly secret: string };
}

/** Reads and checks the environment; frozen. Throws ConfigError that names the variable. */
export function readConfig(environment: Environment): PolicyServiceConfig {
  const common = readServiceConfig(environment);
  if (common.serviceUrls.session === undefined) throw new ConfigError('SESSION_SERVICE_URL is not set.');
  const { clientId, clientSecret } = common.oidc;
  if (clientId === undefined || clientSecret === undefined) {
    throw new ConfigError('OIDC_CLIENT_ID and OIDC_CLIENT_SECRET are not set.');
  }
  return deepFreeze({
    ...common,
    keysFile: required(environment, 'POLICY_KEYS_FILE'),
    bundleLifetimeSeconds: integer(environment, 'BUNDLE_LIFETIME_SECONDS', { min: 60, max: 86_400, fallback: 3600 }),
    ...(common.serviceUrls.audit === undefined ? {} : { auditServiceUrl: common.serviceUrls.audit }),
    sessionServiceUrl: common.serviceUrls.session,
    client: { id: clientId, secret: clientSecret },
  });
}
