import type { IncomingMessage, RequestOptions } from 'node:http';
import type { LookupFunction, Socket } from 'node:net';
import type { ToolWalls } from '@steward/tool-port';
import type { EgressDeps } from '../ports.ts';
import type { EgressBudget } from './egress-budget.ts';
import { refused, type Destination } from './destination.ts';
import { assertNoSecret, assertNoSecretInHeaders } from './outgoing-secrets.ts';

/** The egress module of one session. */
export interface Egress extends EgressDeps {
  readonly budget: EgressBudget;
}

/** One request to a judged destination, without redirects. */
export interface OpenRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Lower-case names of headers that may hold a secret: named ones, and ids that a protocol gives back. */
  readonly holdSecrets?: ReadonlySet<string>;
  readonly body?: string;
  readonly walls: ToolWalls;
  readonly signal: AbortSignal;
}

/** Headers that belong to the connection and not to the caller. */
const ownHeaders = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'expect',
  'proxy-authorization',
  'proxy-connection',
  'accept-encoding',
  'keep-alive',
]);

/** Sends a request to a judged address; the first byte leaves only after the connected socket has been judged too. */
export async function openRequest(
  request: OpenRequest,
  { target, addresses }: Destination,
  deps: Egress,
): Promise<IncomingMessage> {
  deps.budget.begin();
  assertNoSecret(target.url, 'the address');
  assertNoSecretInHeaders(request.headers, request.holdSecrets);
  if (request.body !== undefined) assertNoSecret(request.body, 'the body');
  deps.budget.send(sizeOf(request, target.url));
  const { Agent, request: open } = target.scheme === 'https' ? await import('node:https') : await import('node:http');
  const length = request.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(request.body)) };
  const options: RequestOptions & { ca?: string } = {
    method: request.method,
    headers: {
      'user-agent': 'Steward',
      accept: '*/*',
      ...allowedHeaders(request.headers),
      'accept-encoding': 'identity',
      ...length,
    },
    // Its own agent: no connection is shared between calls that were judged apart, and no proxy is taken over.
    agent: new Agent({ keepAlive: false }),
    lookup: judgedLookup(addresses),
    signal: request.signal,
    ...(deps.ca === undefined || target.scheme === 'http' ? {} : { ca: deps.ca }),
  };
  return new Promise((resolve, reject) => {
    const outgoing = open(target.url, options, (answer) => {
      answer.once('close', () => countAnswer(answer, deps.budget));
      resolve(answer);
    });
    outgoing.once('error', reject);
    outgoing.once('socket', (socket: Socket) => {
      socket.once('connect', () => {
        const reached = socket.remoteAddress ?? '';
        if (request.walls.allowAddress(target.host, target.port, reached)) outgoing.end(request.body);
        else outgoing.destroy(refused(target.host, `the connection reached ${reached}`));
      });
    });
  });
}

/** What leaves besides the body counts too: an address and headers can carry as much as one. */
function sizeOf({ body = '', headers }: OpenRequest, url: string): number {
  const words = Object.entries(headers).flat().join('');
  return Buffer.byteLength(body) + Buffer.byteLength(url) + Buffer.byteLength(words);
}

/** Name resolution that knows the judged addresses only. */
export function judgedLookup(addresses: Destination['addresses']): LookupFunction {
  return (_host, options, callback) => {
    const first = addresses[0];
    if (options.all === true)
      callback(
        null,
        addresses.map((each) => ({ ...each })),
      );
    else callback(null, first?.address ?? '', first?.family ?? 4);
  };
}

/** An answer is bounded by itself; together they are bounded when the next request begins. */
function countAnswer(answer: IncomingMessage, budget: EgressBudget): void {
  try {
    budget.receive(answer.socket.bytesRead);
  } catch {
    // The next request is told.
  }
}

function allowedHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ownHeaders.has(name.toLowerCase())));
}
