import type { ErrorRequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { StewardError, httpStatusOf, toErrorBody } from '@steward/sdk';
import { localsOf } from './http/locals.ts';
import { sendJson } from './http/send-json.ts';
import { isTemporaryStoreFailure } from './storage/temporary-failure.ts';

/** The one place where a failure becomes an answer: the code picks the status, the cause stays in the log. */
export function createErrorHandler(logger: Logger): ErrorRequestHandler {
  // Express recognises an error handler by its four parameters.
  return (thrown: unknown, _request, response, _next) => {
    const error = translate(thrown);
    const { trace } = localsOf(response);
    const status = error instanceof StewardError ? httpStatusOf(error.code) : 500;
    if (status >= 500)
      (trace?.logger ?? logger).error(
        { err: describe(error), cause: describe((error as Error).cause) },
        'request failed',
      );
    if (response.headersSent) {
      response.destroy();
      return;
    }
    sendError(response, error, status, trace?.traceId);
  };
}

function sendError(response: Response, error: unknown, status: number, traceId: string | undefined): void {
  const body = toErrorBody(error);
  const details = status >= 500 && traceId !== undefined ? { ...body.details, traceId } : body.details;
  const after = body.details['retryAfterSeconds'];
  if (typeof after === 'number') response.setHeader('Retry-After', String(Math.ceil(after)));
  if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  // The rest of a refused body is not read; a kept connection would take it for the next request.
  if (status === 413 || isBodyTimeout(body.details)) response.setHeader('Connection', 'close');
  sendJson(response, status, { ...body, details });
}

function isBodyTimeout({ reasonCodes }: Record<string, unknown>): boolean {
  return Array.isArray(reasonCodes) && reasonCodes.includes('body_timeout');
}

/** Errors of Express and of the store in our words; everything else unchanged. */
function translate(thrown: unknown): unknown {
  if (thrown instanceof StewardError || typeof thrown !== 'object' || thrown === null) return thrown;
  if (isTemporaryStoreFailure(thrown)) {
    return new StewardError('SERVICE_UNAVAILABLE', 'The store did not answer in time; try again in a moment.', {
      cause: thrown,
      details: { retryAfterSeconds: 1, reasonCodes: ['store_unavailable'] },
    });
  }
  const { status } = thrown as { status?: unknown };
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new StewardError('INVALID_REQUEST', 'The request could not be read; check its path, headers and encoding.', {
      cause: thrown,
    });
  }
  return thrown;
}

function describe(error: unknown): object | undefined {
  if (error === undefined) return undefined;
  if (!(error instanceof Error)) return { value: typeof error };
  const { name, message, stack } = error;
  return { name, message, stack, ...('code' in error ? { code: error.code } : {}) };
}
