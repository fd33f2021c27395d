/**
 * The one way out: parse → resolve once → judge every address → connect to a judged address only → judge the connected
 * socket again → judge each redirect from the start. No proxy of the environment is used.
 */
import type { IncomingMessage } from 'node:http';
import { StewardError } from '@steward/sdk';
import type { ToolWalls } from '@steward/tool-port';
import { refused, resolveDestination, type Destination } from './destination.ts';
import { openRequest, type Egress } from './open-request.ts';

/** A request to a host that the policy allows. */
export interface EgressRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Lower-case names of headers with a secret in them, which stay with the first origin. */
  readonly holdSecrets?: ReadonlySet<string>;
  readonly body?: string;
  readonly walls: ToolWalls;
  /** Ends the request at once. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** The last answer after redirects. */
export interface EgressResponse {
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
  /** The body was longer than the limit. */
  readonly cut: boolean;
  readonly redirects: readonly string[];
}

const maxRedirects = 5;
const credentialHeaders = new Set(['authorization', 'cookie', 'x-api-key', 'x-auth-token']);

/** Sends a request and follows at most five redirects. Throws StewardError for every refusal and failure. */
export async function sendRequest(request: EgressRequest, deps: Egress): Promise<EgressResponse> {
  const timeout = AbortSignal.timeout(request.timeoutMs);
  const signal = AbortSignal.any([request.signal, timeout]);
  try {
    return await follow({ ...request, signal }, deps);
  } catch (error) {
    if (error instanceof StewardError) throw error;
    if (timeout.aborted)
      throw new StewardError(
        'TOOL_EXECUTION_TIMEOUT',
        `${hostOf(request.url)} did not answer within ${request.timeoutMs / 1000} s.`,
      );
    if (request.signal.aborted)
      throw new StewardError('TOOL_EXECUTION_FAILED', 'The request was cancelled.', { details: { cancelled: true } });
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown reason';
    throw new StewardError(
      'TOOL_EXECUTION_FAILED',
      `The request to ${hostOf(request.url)} failed (${code}). ${neverSent(code) ? 'Nothing was sent.' : 'Whether the server acted on it is not known.'}`,
      { cause: error },
    );
  }
}

/** Codes of failures before the first byte of the request leaves. */
function neverSent(code: string): boolean {
  return /^(?:ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ERR_TLS_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|CERT_)/.test(code);
}

async function follow(first: EgressRequest, deps: Egress): Promise<EgressResponse> {
  let request = first;
  const redirects: string[] = [];
  for (;;) {
    const destination = await abortable(
      resolveDestination(request.url, request.walls, deps, redirects.length > 0),
      request.signal,
    );
    const answer = await openRequest(request, destination, deps);
    const next = redirectOf(answer, destination);
    if (next === undefined) return { ...(await collect(answer, request)), url: destination.target.url, redirects };
    answer.destroy();
    if (redirects.length >= maxRedirects)
      throw new StewardError(
        'TOOL_EXECUTION_FAILED',
        `${destination.target.host} redirected more than ${maxRedirects} times.`,
      );
    if (destination.target.scheme === 'https' && next.startsWith('http:'))
      throw refused(hostOf(next), 'the server redirected from https to http');
    redirects.push(next);
    request = redirected(request, answer.statusCode ?? 0, destination.target.url, next);
  }
}

function redirectOf(answer: IncomingMessage, from: Destination): string | undefined {
  const { location } = answer.headers;
  if (location === undefined || ![301, 302, 303, 307, 308].includes(answer.statusCode ?? 0)) return undefined;
  return URL.canParse(location, from.target.url) ? new URL(location, from.target.url).href : location;
}

function redirected(request: EgressRequest, status: number, from: string, to: string): EgressRequest {
  const becomesGet =
    status === 303 ? request.method !== 'HEAD' : (status === 301 || status === 302) && request.method === 'POST';
  const sameOrigin = URL.canParse(to) && new URL(to).origin === new URL(from).origin;
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(
      ([name]) =>
        (sameOrigin ||
          !(credentialHeaders.has(name.toLowerCase()) || request.holdSecrets?.has(name.toLowerCase()) === true)) &&
        !(becomesGet && name.toLowerCase().startsWith('content-')),
    ),
  );
  const { body, ...rest } = request;
  return {
    ...rest,
    url: to,
    headers,
    method: becomesGet ? 'GET' : request.method,
    ...(becomesGet || body === undefined ? {} : { body }),
  };
}

async function collect(
  answer: IncomingMessage,
  request: EgressRequest,
): Promise<Omit<EgressResponse, 'url' | 'redirects'>> {
  const chunks: Buffer[] = [];
  let length = 0;
  let cut = false;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    const room = request.maxBytes - length;
    chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
    length += chunks.at(-1)?.length ?? 0;
    if (chunk.length > room) {
      cut = true;
      break;
    }
  }
  const headers = Object.entries(answer.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as const],
  );
  return {
    status: answer.statusCode ?? 0,
    statusText: answer.statusMessage ?? '',
    headers,
    body: Buffer.concat(chunks),
    cut,
  };
}

function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'the host';
}
