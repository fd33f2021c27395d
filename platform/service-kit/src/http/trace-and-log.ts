import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import { childTrace, formatTraceparent, parseTraceparent } from '@steward/sdk';
import type { Clock, NewId } from '@steward/sdk';
import { localsOf } from './locals.ts';

/** Gives each request an id and a place in its trace, and logs one line when it ends. Neither bodies nor queries. */
export function traceAndLog(deps: { logger: Logger; clock: Clock; newId: NewId }): RequestHandler {
  return (request, response, next) => {
    const trace = childTrace(parseTraceparent(request.headers.traceparent as string | undefined));
    const requestId = deps.newId('req');
    const locals = localsOf(response);
    Object.assign(locals, { traceId: trace.traceId, traceparent: formatTraceparent(trace), requestId });
    locals.logger = deps.logger.child({ traceId: trace.traceId, requestId });
    response.setHeader('X-Request-Id', requestId);
    const startedMs = deps.clock.monotonicMs();
    response.once('close', () => {
      const durationMs = Math.round((deps.clock.monotonicMs() - startedMs) * 10) / 10;
      const { operationId, caller } = locals;
      const isProbe = operationId === undefined && response.statusCode === 200;
      locals.logger?.[isProbe ? 'debug' : 'info'](
        {
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
