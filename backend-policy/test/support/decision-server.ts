import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RecordedGroup } from '../../src/simulations/action-source.ts';

/** Answers one request; given to {@link listen}. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server on a port of its own that answers as told, until it is closed. */
export async function listen(answer: Answer): Promise<{ readonly baseUrl: string; close(): Promise<void> }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

const pageSize = 10;

/** Answers as the Audit Service does about recorded decisions, in small pages; a cursor is how many came before. */
export function answerDecisions(groups: readonly RecordedGroup[]): Answer {
  return (request, response) => {
    const asked = new URL(request.url ?? '', 'http://audit').searchParams;
    const [from, to] = [asked.get('from_time')!, asked.get('to_time')!];
    const within = groups.filter(({ at }) => at >= from && at <= to);
    const start = Number(asked.get('cursor') ?? 0);
    const end = start + pageSize;
    json(response, 200, {
      items: within.slice(start, end).map(({ at, ...group }) => ({ ...group, timestamp: at })),
      ...(end < within.length ? { readBackTo: within[end - 1]!.at, nextCursor: String(end) } : {}),
    });
  };
}
