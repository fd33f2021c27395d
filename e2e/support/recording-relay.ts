import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serviceFetch } from './services.ts';
import type { Stack } from './stack.ts';

/** A request that passed the relay. */
export interface RelayedRequest {
  readonly method: string;
  readonly path: string;
  readonly body: Record<string, unknown>;
}

/** Stands before a service of the stack, hands every request on to it and keeps what was asked. */
export async function startRecordingRelay(
  stack: Stack,
  target: string,
): Promise<{ readonly url: string; readonly requests: readonly RelayedRequest[]; close(): Promise<void> }> {
  const requests: RelayedRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const { method = 'GET', url: path = '' } = request;
      const body = text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>);
      requests.push({ method, path, body: body ?? {} });
      const token = request.headers.authorization?.replace('Bearer ', '');
      serviceFetch(stack, target + path, {
        method,
        ...(token === undefined ? {} : { token }),
        ...(body === undefined ? {} : { body }),
      }).then(
        ({ status, text: answer }) => response.writeHead(status, { 'content-type': 'application/json' }).end(answer),
        () => response.destroy(),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
