import type { IncomingMessage, ServerResponse } from 'node:http';

/** Headers for an API that no page embeds and no cache keeps, each name before its value; on every answer. */
export const securityHeaders: readonly string[] = [
  ...['X-Content-Type-Options', 'nosniff'],
  ...['X-Frame-Options', 'DENY'],
  ...['Cache-Control', 'no-store'],
  ...['Content-Security-Policy', "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"],
  ...['Referrer-Policy', 'no-referrer'],
  ...['Permissions-Policy', 'interest-cohort=()'],
  ...['Strict-Transport-Security', 'max-age=31536000; includeSubDomains'],
  ...['Cross-Origin-Opener-Policy', 'same-origin'],
];

/** What says that no page of another origin may read the answer, where none is listed at all. */
export const sameOriginHeaders: readonly string[] = ['Cross-Origin-Resource-Policy', 'same-origin'];

/** Sets headers that are listed name before value. */
export function setHeaders(response: ServerResponse, headers: readonly string[]): void {
  for (let at = 0; at < headers.length; at += 2) response.setHeader(headers[at]!, headers[at + 1]!);
}

const exposed = 'Retry-After, X-Request-Id, Idempotency-Replayed, Allow';
const allowedHeaders = 'authorization, content-type, idempotency-key, last-event-id, traceparent, range';
const allowedMethods = 'GET, HEAD, POST, PUT, PATCH, DELETE';

/**
 * Lets pages of the listed origins read answers, and nobody else's. Origins are compared letter by letter; there is no
 * wildcard, and credentials of the browser (cookies) are never allowed.
 * @returns true when the request was a preflight of a listed origin and is answered
 */
export function applyCors(request: IncomingMessage, response: ServerResponse, origins: ReadonlySet<string>): boolean {
  const { origin } = request.headers;
  const isAllowed = origin !== undefined && origins.has(origin);
  response.setHeader('Cross-Origin-Resource-Policy', isAllowed ? 'cross-origin' : 'same-origin');
  response.setHeader('Vary', 'Origin');
  if (!isAllowed) return false;
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Expose-Headers', exposed);
  if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return false;
  setHeaders(response, securityHeaders);
  response.setHeader('Access-Control-Allow-Methods', allowedMethods);
  response.setHeader('Access-Control-Allow-Headers', allowedHeaders);
  response.setHeader('Access-Control-Max-Age', '600');
  response.statusCode = 204;
  response.end();
  return true;
}
