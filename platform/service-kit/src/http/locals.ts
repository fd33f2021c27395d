import type { Response } from 'express';
import type { Logger } from 'pino';
import type { Caller } from '../request-context.ts';

/** What the middleware chain knows about a request. */
export interface RequestLocals {
  traceId?: string;
  traceparent?: string;
  requestId?: string;
  logger?: Logger;
  operationId?: string;
  caller?: Caller;
}

/** The typed view of `response.locals`. */
export function localsOf(response: Response): RequestLocals {
  return response.locals as RequestLocals;
}
