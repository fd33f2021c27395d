import { Router } from 'express';
import type { Request, RequestHandler, Response } from 'express';
import { limits } from '@steward/contracts';
import { StewardError } from '@steward/sdk';
import type { Clock, NewId } from '@steward/sdk';
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
import type { RateLimiter } from '../limits/rate-limiter.ts';
import { answerInTime } from './answer-in-time.ts';
import { leaveEarly } from './front-door.ts';
import { readJsonBody } from './json-body.ts';
import { localsOf } from './locals.ts';
import { OperationContext } from './operation-context.ts';
import { sendJson } from './send-json.ts';
import { watchStream } from './watch-stream.ts';

type AnyHandler = (call: object) => Promise<Reply | typeof answered> | Reply | typeof answered;

/** What the operations of a service run on. */
export interface OperationRouterDeps {
  readonly document: OpenApiDocument;
  readonly handlers: Readonly<Record<string, unknown>>;
  readonly authenticate: Authenticator;
  readonly idempotency: IdempotencyStore;
  readonly lifecycle: Lifecycle;
  readonly clock: Clock;
  readonly newId: NewId;
  /** Absent: requests are not counted. */
  readonly rateLimiter?: RateLimiter | undefined;
  readonly times: RequestTimes;
}

/** How long the parts of a request may take, in milliseconds. */
export type RequestTimes = Readonly<
  Record<'bodyTimeoutMs' | 'uploadTimeoutMs' | 'answerTimeoutMs' | 'streamCheckMs', number>
>;

/**
 * Routes every operation of the document to its handler. Order, for each request: identity, access, rate, body
 * (bounded), validation, idempotency, handler (bounded). Throws when a handler is missing.
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
      route[method](run(operation, handler, validator, deps));
    }
    route.all(refuseMethod(operations));
  }
  return router;
}

async function identify(
  operation: Operation,
  request: Request,
  response: Response,
  deps: OperationRouterDeps,
): Promise<string | undefined> {
  const locals = localsOf(response);
  locals.operationId = operation.operationId;
  if ('public' in operation.access) {
    locals.caller = anonymous;
    return undefined;
  }
  const text = bearerTokenOf(request.headers);
  const caller = callerOf(await deps.authenticate(text), request.headers);
  locals.caller = caller;
  assertAccess(operation.access, caller, operation.operationId);
  const admission = deps.rateLimiter?.admit(caller, operation.rateClass, deps.clock.now());
  if (admission !== undefined) await admission;
  return text;
}

async function readBody(operation: Operation, request: Request, times: RequestTimes): Promise<unknown> {
  if (operation.streamsBody) assertDeclaredLength(request, operation.bodyLimitBytes);
  if (operation.bodySchema === undefined) return undefined;
  return readJsonBody(
    request,
    {
      bytes: operation.bodyLimitBytes,
      timeoutMs: times.bodyTimeoutMs,
      depth: limits.request.jsonDepth,
      members: limits.request.jsonMembers,
    },
    `${operation.operationId}: the body`,
  );
}

function assertDeclaredLength(request: Request, limitBytes: number): void {
  if (Number(request.headers['content-length'] ?? 0) <= limitBytes) return;
  throw new StewardError('FILE_TOO_LARGE', `The body is larger than ${limitBytes} bytes.`, { details: { limitBytes } });
}

function run(
  operation: Operation,
  handler: AnyHandler,
  validator: RequestValidator,
  deps: OperationRouterDeps,
): RequestHandler {
  const answerMs = operation.streamsBody ? deps.times.uploadTimeoutMs : deps.times.answerTimeoutMs;
  return async (request, response) => {
    const token = await identify(operation, request, response, deps);
    const valid = validator.validate(operation, {
      path: request.params,
      query: request.query,
      headers: request.headers,
      body: await readBody(operation, request, deps.times),
    });
    const context = new OperationContext(response, deps.lifecycle, deps.clock.now());
    const call = { ...valid, headers: request.headers, context, request, response };
    const once = { operation, request, context, input: valid, store: deps.idempotency, newId: deps.newId };
    const work = replyOnce(once, async (attempt) => {
      context.begin(attempt);
      return handler(call);
    });
    if (operation.streamsAnswer) {
      leaveEarly(response);
      const { authenticate, times } = deps;
      if (token !== undefined) watchStream(context, response, () => authenticate(token), times.streamCheckMs);
    }
    const reply = operation.streamsAnswer
      ? await work
      : await answerInTime(work, { ms: answerMs, response, onLate: () => context.abort(new Error('The time is up.')) });
    if (reply === answered) return;
    for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
    if (reply.body !== undefined) return sendJson(response, reply.status, reply.body);
    response.statusCode = reply.status;
    response.end();
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
