import express from 'express';
import type { RequestListener } from 'node:http';
import type { Logger } from 'pino';
import { limits } from '@steward/contracts';
import { StewardError, newId, systemClock } from '@steward/sdk';
import type { Clock, NewId } from '@steward/sdk';
import { Lifecycle } from './drain.ts';
import { createErrorHandler } from './error-handler.ts';
import { createHealthRoutes } from './http/health-routes.ts';
import type { ReadinessCheck } from './http/health-routes.ts';
import { createFrontDoor } from './http/front-door.ts';
import { createOperationRouter } from './http/operation-router.ts';
import type { RequestTimes } from './http/operation-router.ts';
import { traceAndLog } from './http/trace-and-log.ts';
import { MemoryIdempotencyStore } from './idempotency/idempotency.memory.ts';
import type { IdempotencyStore } from './idempotency/idempotency-store.ts';
import type { Authenticator } from './identity/authenticate.ts';
import { LoadShedder } from './limits/load-shedder.ts';
import type { RateLimiter } from './limits/rate-limiter.ts';
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
  /** Absent: requests are not counted; a process that serves people has one. */
  readonly rateLimiter?: RateLimiter;
  /** Measures the load of this process and is closed with it; made with the limits of the contracts unless given. */
  readonly shedder?: LoadShedder;
  /** Origins whose pages may read answers, such as `https://app.example.com`; none unless given. */
  readonly corsOrigins?: readonly string[];
  /** Replaces times of the contracts. */
  readonly times?: Partial<RequestTimes>;
}

/** The options of a service that its process decides, for the dependencies of a `createApp`. */
export type ProcessOptions = Pick<ServiceOptions<never>, 'rateLimiter' | 'corsOrigins'>;

/** A built service that does not listen yet; tests call `app` directly. */
export interface Service {
  readonly name: string;
  readonly app: RequestListener;
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
  const idOf = options.newId ?? newId;
  const lifecycle = new Lifecycle();
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', 'simple');
  app.use(traceAndLog({ logger, clock, newId: idOf }));
  const health = createHealthRoutes({ name, document: openApi, lifecycle, readiness: options.readiness });
  const operations = createOperationRouter({
    document: openApi,
    handlers: options.handlers as Readonly<Record<string, unknown>>,
    authenticate: options.authenticate,
    idempotency: options.idempotency ?? new MemoryIdempotencyStore(),
    lifecycle,
    clock,
    newId: idOf,
    rateLimiter: options.rateLimiter,
    times: { ...limits.request, ...options.times },
  });
  app.use('/v1', operations, health);
  app.use(health);
  app.use((request) => {
    throw new StewardError(
      'NOT_FOUND',
      `There is no ${request.path.slice(0, 200)} in the ${name} service; see /openapi.json.`,
    );
  });
  app.use(createErrorHandler(logger));
  const shedder = options.shedder ?? new LoadShedder();
  lifecycle.draining.addEventListener('abort', () => shedder.close(), { once: true });
  const door = createFrontDoor({ app, lifecycle, shedder, corsOrigins: new Set(options.corsOrigins) });
  return { name, app: door, openApi, lifecycle, logger };
}
