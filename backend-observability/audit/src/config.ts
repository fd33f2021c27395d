import { deepFreeze, integer, readServiceConfig } from '@steward/service-kit';
import type { Environment, ServiceConfig } from '@steward/service-kit';

/** What the Audit Service is told by its environment. */
export interface AuditServiceConfig extends ServiceConfig {
  /** Pause from one check of chains to the next, among all instances; 0: this process checks none. */
  readonly chainCheckSeconds: number;
}

/** Reads and checks the environment; frozen. Throws ConfigError that names the variable. */
export function readConfig(environment: Environment): AuditServiceConfig {
  return deepFreeze({
    ...readServiceConfig(environment),
    chainCheckSeconds: integer(environment, 'CHAIN_CHECK_SECONDS', { min: 0, max: 86_400, fallback: 60 }),
  });
}
