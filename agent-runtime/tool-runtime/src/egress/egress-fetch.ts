import { Readable, Transform } from 'node:stream';
import { StewardError } from '@steward/sdk';
import type { ToolWalls } from '@steward/tool-port';
import { resolveDestination } from './destination.ts';
import { openRequest, type Egress } from './open-request.ts';

/** The part of `fetch` that clients of this package need. */
export type EgressFetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** Ids that a server gave and gets back. */
const idsOfServers = new Set(['mcp-session-id', 'last-event-id']);

/** A `fetch` behind the walls of the egress module, for libraries that want one. Follows no redirect; text bodies only. */
export function createEgressFetch(walls: ToolWalls, deps: Egress, maxBytes: number): EgressFetch {
  return async (url, init = {}) => {
    const { body } = init;
    if (body !== undefined && body !== null && typeof body !== 'string') {
      throw new StewardError('INVALID_REQUEST', 'Only text can be sent through this client.');
    }
    const signal = init.signal ?? new AbortController().signal;
    const destination = await resolveDestination(String(url), walls, deps, false);
    const headers = Object.fromEntries(new Headers(init.headers).entries());
    const method = init.method ?? 'GET';
    const answer = await openRequest(
      { method, headers, holdSecrets: idsOfServers, walls, signal, ...(typeof body === 'string' ? { body } : {}) },
      destination,
      deps,
    );
    const status = answer.statusCode ?? 502;
    const isEmpty = status === 204 || status === 304 || method === 'HEAD';
    if (isEmpty) answer.resume();
    const content = isEmpty ? null : (Readable.toWeb(bounded(answer, maxBytes)) as ReadableStream<Uint8Array>);
    const pairs = Object.entries(answer.headers).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    );
    return new Response(content, { status, statusText: answer.statusMessage ?? '', headers: pairs });
  };
}

function bounded(source: Readable, maxBytes: number): Readable {
  let passed = 0;
  const limit = new Transform({
    transform(chunk: Buffer, _encoding, done): void {
      passed += chunk.length;
      if (passed > maxBytes) done(new Error(`The answer is longer than ${maxBytes} bytes.`));
      else done(null, chunk);
    },
  });
  source.once('error', (error) => limit.destroy(error));
  limit.once('close', () => source.destroy());
  return source.pipe(limit);
}
