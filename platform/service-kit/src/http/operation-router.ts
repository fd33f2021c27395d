import express, { Router } from 'express';
import type { RequestHandler, Response } from 'express';
import { StewardError } from '@steward/sdk';
import type { Clock } from '@steward/sdk';
import type { Lifecycle } from '../drain.ts';
import { assertAccess, bearerTokenOf, callerOf } from '../identity/caller.ts';
import type { Authenticator } from '../identity/authenticate.ts';
import type { IdempotencyStore } from '../idempotency/idempotency-store.ts';
import { replyOnce } from '../idempotency/reply-once.ts';
import type { Reply } from '../idempotency/reply-once.ts';
import { operationsOf } from '../openapi/document.ts';
import type { OpenApiDocument, Operation } from '../openapi/document.ts';
import { answered } from '../openapi/handlers.ts';
import { RequestValidator } from '../openapi/request-validator.ts';
import { anonymous } from '../request-context.ts';
import type { RequestContext } from '../request-context.ts';
import { localsOf } from './locals.ts';

type AnyHandler = (call: object) => Promise<Reply | typeof answered> | Reply | typeof answered;

/** What the operations of a service run on. */
export interface OperationRouterDeps {
  readonly document: OpenApiDocument;
  readonly handlers: Readonly<Record<string, unknown>>;
  readonly authenticate: Authenticator;
  readonly idempotency: IdempotencyStore;
  readonly lifecycle: Lifecycle;
  readonly clock: Clock;
}

/**
 * Routes every operation of the document to its handler. Order, for each request: identity, access, body (bounded),
 * validation, idempotency, handler. Throws when a handler is missing.
 */
export function createOperationRouter(deps: OperationRouterDeps): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const validator = new RequestValidator(deps.document);
  const byPath = new Map<string, Operation[]>();
  for (const operation of operationsOf(deps.document))
    byPath.set(operation.path, [...(byPath.get(operation.path) ?? []), operation]);
  for (const [path, operations] of byPath) {
    const route = router.route(path.replaceAll(/\{(\w+)\}/g, ':$1'));
    for (const operation of operations) {
      const handler = deps.handlers[operation.operationId] as AnyHandler | undefined;
      if (handler === undefined)
        throw new Error(`${deps.document.info.title}: the operation ${operation.operationId} has no handler.`);
      const method = operation.method as 'get' | 'put' | 'post' | 'patch' | 'delete';
      route[method](identify(operation, deps), ...bodyReaderOf(operation), run(operation, handler, validator, deps));
    }
    route.all(refuseMethod(operations));
  }
  return router;
}

function identify(operation: Operation, deps: OperationRouterDeps): RequestHandler {
  return async (request, response, next) => {
    const locals = localsOf(response);
    locals.operationId = operation.operationId;
    if ('public' in operation.access) locals.caller = anonymous;
    else {
      const token = await deps.authenticate(bearerTokenOf(request.headers));
      locals.caller = callerOf(token, request.headers);
      assertAccess(operation.access, locals.caller, operation.operationId);
    }
    next();
  };
}

function bodyReaderOf(operation: Operation): RequestHandler[] {
  if (operation.streamsBody) return [limitDeclaredLength(operation.bodyLimitBytes)];
  if (operation.bodySchema === undefined) return [];
  return [requireJson, express.json({ limit: operation.bodyLimitBytes, type: () => true })];
}

const requireJson: RequestHandler = (request, _response, next) => {
  const hasBody =
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
  if (hasBody && !/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new StewardError('INVALID_REQUEST', 'The body must be JSON; send it with Content-Type application/json.');
  }
  next();
};

function limitDeclaredLength(limitBytes: number): RequestHandler {
  return (request, _response, next) => {
    if (Number(request.headers['content-length'] ?? 0) > limitBytes) {
      throw new StewardError('FILE_TOO_LARGE', `The body is larger than ${limitBytes} bytes.`, {
        details: { limitBytes },
      });
    }
    next();
  };
}

function run(
  operation: Operation,
  handler: AnyHandler,
  validator: RequestValidator,
  deps: OperationRouterDeps,
): RequestHandler {
  return async (request, response) => {
    const valid = validator.validate(operation, {
      path: request.params,
      query: request.query,
      headers: request.headers,
      body: request.body,
    });
    const context = contextOf(response, deps);
    const call = { ...valid, headers: request.headers, context, request, response };
    const reply = await replyOnce(
      { operation, request, caller: context.caller, input: valid, store: deps.idempotency, now: context.now },
      () => handler(call),
    );
    if (reply === answered) return;
    for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
    response.status(reply.status);
    if (reply.body === undefined) response.end();
    else response.json(reply.body);
  };
}

function contextOf(response: Response, deps: OperationRouterDeps): RequestContext {
  const { caller, traceId, traceparent, requestId, logger } = localsOf(response);
  if (
    caller === undefined ||
    logger === undefined ||
    traceId === undefined ||
    traceparent === undefined ||
    requestId === undefined
  ) {
    throw new Error('A request reached a handler without identity or trace.');
  }
  const gone = new AbortController();
  const unlink = deps.lifecycle.link(gone);
  response.once('close', () => {
    unlink();
    gone.abort();
  });
  return {
    caller,
    traceId,
    traceparent,
    requestId,
    logger,
    now: deps.clock.now(),
    signal: gone.signal,
  };
}

function refuseMethod(operations: Operation[]): RequestHandler {
  const methods = operations.map(({ method }) => method.toUpperCase());
  const allow = (methods.includes('GET') ? [...methods, 'HEAD'] : methods).join(', ');
  return (request, response) => {
    response.setHeader('Allow', allow);
    throw new StewardError(
      'METHOD_NOT_ALLOWED',
      `${request.method.slice(0, 20)} is not supported here; use ${allow}.`,
      { details: { allow } },
    );
  };
}
