import type { Response } from 'express';
import type { Caller } from '../request-context.ts';
import type { RequestTrace } from './request-trace.ts';

/** What the middleware chain knows about a request. */
export interface RequestLocals {
  trace?: RequestTrace;
  operationId?: string;
  caller?: Caller;
}

/** The typed view of `response.locals`. */
export function localsOf(response: Response): RequestLocals {
  return response.locals as RequestLocals;
}
