import { ConfigError, deepFreeze, integer, oneOf, optional, readServiceConfig } from '@steward/service-kit';
import type { Environment, ServiceConfig } from '@steward/service-kit';
import { isAbsolute } from 'node:path';

/** Where contents are kept. */
export type ContentConfig =
  | { readonly kind: 'memory' }
  | { readonly kind: 'file'; readonly folder: string }
  | { readonly kind: 's3'; readonly bucket: string; readonly endpoint?: string };

/** What the Workspace Service is told by its environment. */
export interface WorkspaceServiceConfig extends ServiceConfig {
  readonly content: ContentConfig;
  /** Pause between two runs of the purge; 0: this process does not purge. */
  readonly purgeIntervalSeconds: number;
}

/** Reads and checks the environment; frozen. Throws ConfigError that names the variable. */
export function readConfig(environment: Environment): WorkspaceServiceConfig {
  const common = readServiceConfig(environment);
  return deepFreeze({
    ...common,
    content: readContent(environment, common),
    purgeIntervalSeconds: integer(environment, 'PURGE_INTERVAL_SECONDS', { min: 0, max: 604_800, fallback: 3600 }),
  });
}

function readContent(environment: Environment, common: ServiceConfig): ContentConfig {
  const fallback = common.store === 'memory' ? 'memory' : 'file';
  const kind = oneOf(environment, 'CONTENT_STORE', ['memory', 'file', 's3'] as const, fallback);
  if (kind === 'memory') return { kind };
  if (kind === 'file') {
    const folder = optional(environment, 'CONTENT_DIR');
    if (folder === undefined || !isAbsolute(folder)) {
      throw new ConfigError(
        'CONTENT_DIR must be the absolute path of the folder for contents while CONTENT_STORE is file.',
      );
    }
    return { kind, folder };
  }
  const endpoint = optional(environment, 'AWS_ENDPOINT_URL_S3') ?? optional(environment, 'AWS_ENDPOINT_URL');
  const bucket = optional(environment, 'CONTENT_BUCKET') ?? `${common.env}-workspace-artifacts`;
  return { kind, bucket, ...(endpoint === undefined ? {} : { endpoint }) };
}
