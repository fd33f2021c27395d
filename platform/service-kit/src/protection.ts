import type { Logger } from 'pino';
import { ConfigError } from './config.ts';
import type { ServiceConfig } from './config.ts';
import type { ServiceOptions } from './create-service.ts';
import { createAuthenticator } from './identity/authenticate.ts';
import { createIntrospection } from './identity/introspection.ts';
import { createRevocationList } from './identity/revocation-list.ts';
import type { RevocationCheck } from './identity/revocation.ts';
import { RateLimiter } from './limits/rate-limiter.ts';
import { DynamoRateStore } from './limits/rate-store.dynamo.ts';
import { MemoryRateStore } from './limits/rate-store.memory.ts';
import { createLogger } from './logger.ts';
import type { DynamoDeps } from './storage/dynamo.ts';

/** What the environment decides about who gets in, and how much of them. */
export type Protection = Pick<ServiceOptions<never>, 'authenticate' | 'rateLimiter' | 'corsOrigins'>;

/**
 * Identity, rates and origins of a service process as its configuration says.
 * Throws ConfigError when tokens are to be asked about without a client to ask as.
 * @param dynamo where the processes of a service share their rates; absent: this process counts alone
 */
export function createProtection(
  config: Pick<ServiceConfig, 'oidc' | 'rateLimits' | 'corsOrigins'>,
  dynamo: DynamoDeps | undefined,
  logger: Pick<Logger, 'warn'> = createLogger('protection'),
): Protection {
  const { issuer, audiences, tokenTypes } = config.oidc;
  const revocation = revocationCheckOf(config.oidc);
  const authenticate = createAuthenticator({
    issuer,
    audiences,
    tokenTypes,
    ...(revocation === undefined ? {} : { revocation }),
  });
  const base = { authenticate, corsOrigins: config.corsOrigins };
  if (!config.rateLimits) return base;
  const store = dynamo === undefined ? new MemoryRateStore() : new DynamoRateStore(dynamo);
  const onStoreFailure = (error: unknown): void =>
    logger.warn({ err: error }, 'the shared rates can not be read; this process counts alone');
  return { ...base, rateLimiter: new RateLimiter({ store, onStoreFailure }) };
}

function revocationCheckOf({
  issuer,
  clientId,
  clientSecret,
  revocation,
}: ServiceConfig['oidc']): RevocationCheck | undefined {
  if (revocation.kind === 'none') return undefined;
  const client =
    clientId === undefined || clientSecret === undefined ? undefined : { id: clientId, secret: clientSecret };
  if (revocation.kind === 'list')
    return createRevocationList({ url: revocation.url, ...(client === undefined ? {} : { client }) });
  if (client === undefined)
    throw new ConfigError('OIDC_REVOCATION=introspection needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.');
  return createIntrospection({ ...revocation, issuer, client });
}
