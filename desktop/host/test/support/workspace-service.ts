import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that the service got. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
}

/** What the service answers to one request. */
export interface Answer {
  readonly status?: number;
  readonly json?: unknown;
  readonly bytes?: Uint8Array;
}

/** An HTTP server that answers by a table of `METHOD path`; what it got is kept. */
export async function startWorkspaceService(
  answers: Readonly<Record<string, Answer | readonly Answer[]>>,
): Promise<{ url: string; seen: SeenRequest[]; stop(): Promise<void> }> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/^\/v1/, '');
    const key = `${request.method} ${path}`;
    const found = answers[key];
    const times = seen.filter((one) => `${one.method} ${one.path}` === key).length;
    seen.push({ method: request.method ?? '', path, authorization: request.headers.authorization });
    const list = Array.isArray(found) ? (found as readonly Answer[]) : [found as Answer | undefined];
    const answer = list[Math.min(times, list.length - 1)] ?? {
      status: 404,
      json: { code: 'NOT_FOUND', message: key, retryable: false, details: {} },
    };
    response.writeHead(answer.status ?? 200, {
      'content-type': answer.bytes === undefined ? 'application/json' : 'application/octet-stream',
    });
    response.end(answer.bytes ?? JSON.stringify(answer.json));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    seen,
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
