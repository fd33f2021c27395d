import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One answer of the scripted model. */
export interface Turn {
  readonly text?: string;
  readonly calls?: readonly { readonly name: string; readonly arguments: unknown; readonly id?: string }[];
  readonly finishReason?: string;
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number };
  /** An error response instead of an answer. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Sent as they are instead of a well-formed stream. */
  readonly raw?: string;
  readonly contentType?: string;
  /** After this many characters of text the connection breaks, or goes silent until the client leaves. */
  readonly breakAfter?: number;
  readonly stallAfter?: number;
  /** Answer only when this resolves. */
  readonly until?: Promise<unknown>;
}

/** A request as the gateway received it. */
export interface ReceivedRequest {
  readonly body: {
    readonly model: string;
    readonly messages: readonly {
      role: string;
      content: string | null;
      tool_calls?: { id: string; function: { name: string; arguments: string } }[];
      tool_call_id?: string;
    }[];
    readonly tools?: readonly unknown[];
    readonly max_tokens?: number;
  };
  readonly headers: IncomingMessage['headers'];
  readonly receivedAt: number;
}

/** What the model says next, given the request; a list is said in order, its last turn again and again. */
export type Script = readonly Turn[] | ((request: ReceivedRequest, index: number) => Turn);

/** An OpenAI-compatible gateway that says what a test tells it to. */
export class ScriptedGateway {
  readonly requests: ReceivedRequest[] = [];
  readonly token = 'gateway-token-for-tests';
  #script: Script;
  #server: Server;

  private constructor(script: Script) {
    this.#script = script;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(script: Script): Promise<ScriptedGateway> {
    const gateway = new ScriptedGateway(script);
    await new Promise<void>((resolve) => gateway.#server.listen(0, '127.0.0.1', resolve));
    return gateway;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  /** Replaces what is said from now on. */
  say(script: Script): void {
    this.#script = script;
    this.requests.length = 0;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const receivedAt = performance.now();
    if (request.headers.authorization !== `Bearer ${this.token}`)
      return void response
        .writeHead(401, { 'content-type': 'application/json' })
        .end('{"error":{"message":"wrong token"}}');
    if (request.url?.endsWith('/models')) {
      return void response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ data: [{ id: 'scripted-model' }] }));
    }
    let body: ReceivedRequest['body'];
    try {
      body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as ReceivedRequest['body'];
    } catch {
      return void response
        .writeHead(400, { 'content-type': 'application/json' })
        .end('{"error":{"message":"no JSON"}}');
    }
    const received: ReceivedRequest = {
      body,
      headers: request.headers,
      receivedAt,
    };
    const index = this.requests.push(received) - 1;
    const script = this.#script;
    const turn =
      typeof script === 'function' ? script(received, index) : (script[Math.min(index, script.length - 1)] ?? {});
    await turn.until;
    this.#play(turn, index, response);
  }

  #play(turn: Turn, index: number, response: ServerResponse): void {
    if (turn.status !== undefined) {
      response
        .writeHead(turn.status, { 'content-type': 'application/json', ...turn.headers })
        .end(turn.body ?? JSON.stringify({ error: { message: `scripted ${turn.status}` } }));
      return;
    }
    response.writeHead(200, { 'content-type': turn.contentType ?? 'text/event-stream' });
    if (turn.raw !== undefined) return void response.end(turn.raw);
    const cut = turn.breakAfter ?? turn.stallAfter;
    if (cut !== undefined) {
      response.write(event({ choices: [{ index: 0, delta: { content: (turn.text ?? '').slice(0, cut) } }] }), () => {
        if (turn.breakAfter !== undefined) response.destroy();
      });
      return;
    }
    response.end(streamOf(turn, index));
  }
}

/** The whole stream of one answer. */
export function streamOf(turn: Turn, index: number): string {
  const calls = turn.calls ?? [];
  const pieces = [event({ choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] })];
  const text = turn.text ?? '';
  for (let at = 0; at < text.length; at += 20)
    pieces.push(event({ choices: [{ index: 0, delta: { content: text.slice(at, at + 20) } }] }));
  for (const [position, call] of calls.entries()) {
    const args = typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments);
    const id = call.id ?? `call_${index}_${position}`;
    pieces.push(
      event({
        choices: [
          {
            index: 0,
            delta: {
              tool_calls: [{ index: position, id, type: 'function', function: { name: call.name, arguments: '' } }],
            },
          },
        ],
      }),
    );
    for (let at = 0; at < args.length; at += 40)
      pieces.push(
        event({
          choices: [
            {
              index: 0,
              delta: { tool_calls: [{ index: position, function: { arguments: args.slice(at, at + 40) } }] },
            },
          ],
        }),
      );
  }
  pieces.push(
    event({
      choices: [
        { index: 0, delta: {}, finish_reason: turn.finishReason ?? (calls.length > 0 ? 'tool_calls' : 'stop') },
      ],
    }),
  );
  pieces.push(event({ choices: [], usage: turn.usage ?? { prompt_tokens: 100, completion_tokens: 10 } }));
  return pieces.join('') + 'data: [DONE]\n\n';
}

function event(chunk: unknown): string {
  return `data: ${JSON.stringify(chunk)}\n\n`;
}
