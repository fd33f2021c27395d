import { ServiceUnreachableError, StewardError, fromErrorBody } from '../errors.ts';
import { RetryBudget, retryAfterSeconds, withRetry } from './retry.ts';
import type { RetryOptions } from './retry.ts';

/** What every call to a service shares. */
export interface ServiceCallOptions {
  /** Asked before every attempt, so that a refreshed token is used at once; undefined sends none. */
  readonly getToken?: () => Promise<string | undefined> | string | undefined;
  /** Replaces the global fetch. */
  readonly fetch?: typeof globalThis.fetch;
  /** The `traceparent` to send, asked per call. */
  readonly traceparent?: () => string | undefined;
  /** Sent with every call, such as `x-acting-tenant`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Until the answer's headers have arrived; 30 s unless given. The body may take longer, so that streams live. */
  readonly timeoutMs?: number;
  /**
   * Repeats idempotent calls (GET, HEAD, PUT, DELETE, or any with Idempotency-Key), within a budget that all calls of
   * the client share; `false` never does.
   */
  readonly retry?: RetryOptions | false;
}

const idempotentMethods = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']);

/**
 * A fetch for one of our services: adds token and trace, limits time, repeats what may be repeated, and throws
 * StewardError for every answer that is not a success (ServiceUnreachableError when there was none).
 */
export function createServiceFetch(options: ServiceCallOptions = {}): (request: Request) => Promise<Response> {
  const budget = new RetryBudget();
  return (request) => {
    const mayRepeat = idempotentMethods.has(request.method) || request.headers.has('idempotency-key');
    if (options.retry === false || !mayRepeat) return attempt(request, options);
    return withRetry(() => attempt(request.clone(), options), { signal: request.signal, budget, ...options.retry });
  };
}

async function attempt(request: Request, options: ServiceCallOptions): Promise<Response> {
  const token = await options.getToken?.();
  if (token !== undefined && !request.headers.has('authorization'))
    request.headers.set('authorization', `Bearer ${token}`);
  const traceparent = options.traceparent?.();
  if (traceparent !== undefined) request.headers.set('traceparent', traceparent);
  for (const [name, value] of Object.entries(options.headers ?? {})) request.headers.set(name, value);
  const response = await fetchInTime(request, options);
  if (response.ok || response.status === 304) return response;
  throw await errorOf(response, request);
}

async function fetchInTime(request: Request, options: ServiceCallOptions): Promise<Response> {
  const timeoutMs = options.timeoutMs ?? 30_000;
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), timeoutMs);
  const url = withoutQuery(request.url);
  try {
    return await (options.fetch ?? globalThis.fetch)(request, {
      signal: AbortSignal.any([request.signal, deadline.signal]),
    });
  } catch (cause) {
    if (request.signal.aborted) throw request.signal.reason;
    const reason = deadline.signal.aborted ? `did not answer within ${timeoutMs} ms` : 'could not be reached';
    throw new ServiceUnreachableError(`The service at ${url} ${reason}. It is safe to try again later.`, {
      cause,
      details: { url },
    });
  } finally {
    clearTimeout(timer);
  }
}

async function errorOf(response: Response, request: Request): Promise<StewardError> {
  const text = await response.text().catch(() => '');
  const error = fromErrorBody(
    parse(text),
    `${request.method} ${withoutQuery(request.url)} answered ${response.status} without an explanation.`,
  );
  const after = retryAfterSeconds(response.headers.get('retry-after'), new Date());
  const details = {
    ...error.details,
    httpStatus: response.status,
    ...(after === undefined ? {} : { retryAfterSeconds: after }),
  };
  return new StewardError(error.code, error.message, {
    details,
    retryable: error.retryable || isTemporary(response.status),
  });
}

function isTemporary(status: number): boolean {
  return status === 429 || status === 502 || status === 503 || status === 504;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function withoutQuery(url: string): string {
  return url.split('?')[0] ?? url;
}
