import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A gateway that begins an answer and never ends it, so that a test can act in the middle of a stream. */
export async function startHangingGateway(): Promise<{ readonly endpoint: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    request.resume();
    if (request.url?.endsWith('/models') === true) {
      response.setHeader('content-type', 'application/json').end('{"object":"list","data":[{"id":"steward-demo"}]}');
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const choices = [{ index: 0, delta: { role: 'assistant', content: 'It begins' }, finish_reason: null }];
    response.write(`data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', choices })}\n\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
