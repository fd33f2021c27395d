import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { limits } from '@steward/contracts';
import { StewardError, toErrorBody } from '@steward/sdk';
import type { Lifecycle } from '../drain.ts';
import type { LoadShedder } from '../limits/load-shedder.ts';
import { applyCors, sameOriginHeaders, securityHeaders, setHeaders } from './response-headers.ts';
import { jsonType } from './send-json.ts';

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
  const hasOrigins = corsOrigins.size > 0;
  // CORS sets the other one, request by request.
  const always = hasOrigins ? securityHeaders : [...securityHeaders, ...sameOriginHeaders];
  const busy = refusalOf(429, busyError, [...always, 'Retry-After', String(limits.load.retryAfterSeconds)]);
  const tooManyHeaders = refusalOf(400, tooManyHeadersError, always);
  return (request, response) => {
    // Clients then come back on a new connection, to a process that stays.
    if (lifecycle.draining.aborted) response.setHeader('Connection', 'close');
    if (hasOrigins && applyCors(request, response, corsOrigins)) return;
    if (request.rawHeaders.length > 2 * limits.request.headers) return turnAway(response, tooManyHeaders);
    if (isProbe(request)) {
      setHeaders(response, always);
      return app(request, response);
    }
    const leave = shedder.enter();
    if (leave === undefined) return turnAway(response, busy);
    setHeaders(response, always);
    leaving.set(response, leave);
    response.once('close', leave);
    app(request, response);
  };
}

function isProbe({ url }: IncomingMessage): boolean {
  return url === '/healthz' || url === '/readyz' || url === '/v1/healthz' || url === '/v1/readyz';
}

/** An answer that was made before anyone asked: a busy process turns many away, and headers set one by one cost most of it. */
interface Refusal {
  readonly status: 400 | 429;
  /** Each name before its value. */
  readonly headers: readonly string[];
  readonly text: string;
}

function refusalOf(status: Refusal['status'], error: StewardError, headers: readonly string[]): Refusal {
  const text = JSON.stringify(toErrorBody(error));
  const length = String(Buffer.byteLength(text));
  return { status, headers: [...headers, ...['Content-Type', jsonType], ...['Content-Length', length]], text };
}

function turnAway(response: ServerResponse, { status, headers, text }: Refusal): void {
  // What is left of a small body is passed over; a large one is not waited for.
  const sent = response.req.headers;
  const isLarge = sent['transfer-encoding'] !== undefined || Number(sent['content-length'] ?? 0) > 65_536;
  if (isLarge) response.setHeader('Connection', 'close');
  response.writeHead(status, headers as string[]);
  response.end(text);
}

const busyError = new StewardError(
  'RATE_LIMITED',
  `The service is busy; nothing was done. Try again in ${limits.load.retryAfterSeconds} s.`,
  { details: { retryAfterSeconds: limits.load.retryAfterSeconds, reasonCodes: ['overloaded'] } },
);
const tooManyHeadersError = new StewardError(
  'INVALID_REQUEST',
  `The request has more than ${limits.request.headers} headers.`,
);
