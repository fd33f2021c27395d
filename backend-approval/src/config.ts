import { ConfigError, deepFreeze, optional, readServiceConfig } from '@steward/service-kit';
import type { Environment, ServiceConfig } from '@steward/service-kit';

/** What the Approval Service is told by its environment. */
export interface ApprovalConfig {
  readonly service: ServiceConfig;
  /** Absent only with the memory store: keys then live as long as the process, like everything it signed. */
  readonly receiptKeysFile?: string;
}

/** Reads and validates the environment; throws ConfigError naming the variable. */
export function readConfig(environment: Environment): ApprovalConfig {
  const service = readServiceConfig(environment);
  const receiptKeysFile = optional(environment, 'RECEIPT_KEYS_FILE');
  if (receiptKeysFile === undefined && service.store !== 'memory') {
    throw new ConfigError('RECEIPT_KEYS_FILE is not set; without it receipts could not be verified after a restart.');
  }
  return deepFreeze({ service, ...(receiptKeysFile === undefined ? {} : { receiptKeysFile }) });
}
