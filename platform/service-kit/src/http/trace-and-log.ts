import type { RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import type { Clock, NewId } from '@steward/sdk';
import { localsOf } from './locals.ts';
import { RequestTrace } from './request-trace.ts';

/** Gives each request an id and a place in its trace, and logs one line when it ends. Neither bodies nor queries. */
export function traceAndLog(deps: { logger: Logger; clock: Clock; newId: NewId }): RequestHandler {
  const { logger, clock } = deps;
  return (request, response, next) => {
    const trace = new RequestTrace(logger, deps.newId('req'), request.headers.traceparent as string | undefined);
    localsOf(response).trace = trace;
    response.setHeader('X-Request-Id', trace.requestId);
    const startedMs = clock.monotonicMs();
    response.once('close', () => {
      const level = levelOf(response);
      if (!logger.isLevelEnabled(level)) return;
      const durationMs = Math.round((clock.monotonicMs() - startedMs) * 10) / 10;
      const { operationId, caller } = localsOf(response);
      logger[level](
        {
          traceId: trace.traceId,
          requestId: trace.requestId,
          method: request.method,
          operation: operationId ?? null,
          status: response.statusCode,
          completed: response.writableFinished,
          durationMs,
          ...(caller === undefined || caller.tenantId === ''
            ? {}
            : { tenantId: caller.tenantId, principal: caller.principal.id }),
        },
        'request',
      );
    });
    next();
  };
}

/** Probes come every few seconds and say nothing when they succeed. */
function levelOf(response: Response): 'debug' | 'info' {
  return localsOf(response).operationId === undefined && response.statusCode === 200 ? 'debug' : 'info';
}
