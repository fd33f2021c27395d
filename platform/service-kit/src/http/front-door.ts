import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { limits } from '@steward/contracts';
import { StewardError, toErrorBody } from '@steward/sdk';
import type { Lifecycle } from '../drain.ts';
import type { LoadShedder } from '../limits/load-shedder.ts';
import { applyCors, setSecurityHeaders } from './response-headers.ts';
import { sendJsonText } from './send-json.ts';

/** What stands before the service. */
export interface FrontDoorDeps {
  readonly app: RequestListener;
  readonly lifecycle: Lifecycle;
  readonly shedder: LoadShedder;
  readonly corsOrigins: ReadonlySet<string>;
}

/** Lets a request leave before its answer ends; set for streams, which wait more than they work. */
const leaving = new WeakMap<ServerResponse, () => void>();

/** The request no longer counts as work in progress; for event streams. */
export function leaveEarly(response: ServerResponse): void {
  leaving.get(response)?.();
}

/**
 * The first thing that sees a request: sets the headers that every answer carries, answers preflights, and turns away
 * what would be too much (429 with Retry-After) or malformed before anything is done for it. Probes always pass.
 */
export function createFrontDoor(deps: FrontDoorDeps): RequestListener {
  const { app, lifecycle, shedder, corsOrigins } = deps;
  return (request, response) => {
    setSecurityHeaders(response);
    // Clients then come back on a new connection, to a process that stays.
    if (lifecycle.draining.aborted) response.setHeader('Connection', 'close');
    if (applyCors(request, response, corsOrigins)) return;
    if (request.rawHeaders.length > 2 * limits.request.headers) return turnAway(response, 400, tooManyHeadersText);
    if (isProbe(request)) return app(request, response);
    const leave = shedder.enter();
    if (leave === undefined) {
      response.setHeader('Retry-After', limits.load.retryAfterSeconds);
      return turnAway(response, 429, busyText);
    }
    leaving.set(response, leave);
    response.once('close', leave);
    app(request, response);
  };
}

function isProbe({ url }: IncomingMessage): boolean {
  return url === '/healthz' || url === '/readyz' || url === '/v1/healthz' || url === '/v1/readyz';
}

function turnAway(response: ServerResponse, status: 400 | 429, text: string): void {
  // What is left of a small body is passed over; a large one is not waited for.
  const { headers } = response.req;
  const isLarge = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 65_536;
  if (isLarge) response.setHeader('Connection', 'close');
  sendJsonText(response, status, text);
}

// Made once: a busy process turns many away, and an error with its stack costs more than all else of a refusal.
const busyText = textOf(
  new StewardError(
    'RATE_LIMITED',
    `The service is busy; nothing was done. Try again in ${limits.load.retryAfterSeconds} s.`,
    { details: { retryAfterSeconds: limits.load.retryAfterSeconds, reasonCodes: ['overloaded'] } },
  ),
);
const tooManyHeadersText = textOf(
  new StewardError('INVALID_REQUEST', `The request has more than ${limits.request.headers} headers.`),
);

function textOf(error: StewardError): string {
  return JSON.stringify(toErrorBody(error));
}
