import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One call of a tool as the model asks for it. */
export interface ScriptedCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** A gateway whose model makes the given calls when a prompt arrives and ends after their results. */
export async function startToolCallingGateway(): Promise<{
  readonly endpoint: string;
  calls: readonly ScriptedCall[];
  close(): Promise<void>;
}> {
  const script: { calls: readonly ScriptedCall[] } = { calls: [] };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.url?.endsWith('/models') === true) {
        response.setHeader('content-type', 'application/json').end('{"object":"list","data":[{"id":"steward-demo"}]}');
        return;
      }
      const { messages } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { messages: { role: string }[] };
      const isPrompt = messages.at(-1)?.role === 'user';
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const send = (delta: object, finish: string | null): void => {
        const choices = [{ index: 0, delta, finish_reason: finish }];
        response.write(`data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', choices })}\n\n`);
      };
      if (isPrompt) {
        const toolCalls = script.calls.map((call, index) => ({
          index,
          id: `call_${index}`,
          type: 'function',
          function: { name: call.name, arguments: JSON.stringify(call.arguments) },
        }));
        send({ role: 'assistant', tool_calls: toolCalls }, null);
        send({}, 'tool_calls');
      } else {
        send({ role: 'assistant', content: 'Done.' }, null);
        send({}, 'stop');
      }
      response.end('data: [DONE]\n\n');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(script, {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}
