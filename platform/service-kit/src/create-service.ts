import express from 'express';
import type { Express } from 'express';
import type { Logger } from 'pino';
import { StewardError, newId, systemClock } from '@steward/sdk';
import type { Clock, NewId } from '@steward/sdk';
import { Lifecycle } from './drain.ts';
import { createErrorHandler } from './error-handler.ts';
import { createHealthRoutes } from './http/health-routes.ts';
import type { ReadinessCheck } from './http/health-routes.ts';
import { createOperationRouter } from './http/operation-router.ts';
import { securityHeaders, traceAndLog } from './http/trace-and-log.ts';
import { MemoryIdempotencyStore } from './idempotency/idempotency.memory.ts';
import type { IdempotencyStore } from './idempotency/idempotency-store.ts';
import type { Authenticator } from './identity/authenticate.ts';
import { createLogger } from './logger.ts';
import type { OpenApiDocument } from './openapi/document.ts';
import type { OperationHandlers } from './openapi/handlers.ts';

/** What a service is made of. */
export interface ServiceOptions<Operations> {
  /** As in logs: `approval`. */
  readonly name: string;
  readonly openApi: OpenApiDocument;
  /** One handler per operation of the document. */
  readonly handlers: OperationHandlers<Operations>;
  readonly authenticate: Authenticator;
  /** In memory unless given. */
  readonly idempotency?: IdempotencyStore;
  readonly readiness?: ReadinessCheck;
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly newId?: NewId;
}

/** A built service that does not listen yet; tests call `app` directly. */
export interface Service {
  readonly name: string;
  readonly app: Express;
  readonly openApi: OpenApiDocument;
  readonly lifecycle: Lifecycle;
  readonly logger: Logger;
}

/**
 * Builds a service from its OpenAPI document and one handler per operation. Operations are below `/v1`; health,
 * readiness and description are below `/v1` and at the root.
 */
export function createService<Operations>(options: ServiceOptions<Operations>): Service {
  const { name, openApi } = options;
  const clock = options.clock ?? systemClock;
  const logger = options.logger ?? createLogger(name);
  const lifecycle = new Lifecycle();
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', 'simple');
  app.use(traceAndLog({ logger, clock, newId: options.newId ?? newId }), securityHeaders);
  const health = createHealthRoutes({ name, document: openApi, lifecycle, readiness: options.readiness });
  const operations = createOperationRouter({
    document: openApi,
    handlers: options.handlers as Readonly<Record<string, unknown>>,
    authenticate: options.authenticate,
    idempotency: options.idempotency ?? new MemoryIdempotencyStore(),
    lifecycle,
    clock,
  });
  app.use(health);
  app.use('/v1', health, operations);
  app.use((request) => {
    throw new StewardError(
      'NOT_FOUND',
      `There is no ${request.path.slice(0, 200)} in the ${name} service; see /openapi.json.`,
    );
  });
  app.use(createErrorHandler(logger));
  return { name, app, openApi, lifecycle, logger };
}
