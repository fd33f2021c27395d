import * as http from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import type { Clock } from '@steward/sdk';
import { createParser } from 'eventsource-parser';
import type { Model, ModelAnswer, Scheduler } from '../ports.ts';
import { AnswerBuilder } from './answer-builder.ts';
import { ModelError } from './model-error.ts';
import { failureOf } from './response-failure.ts';

/** Where the gateway is and how long it may be silent. */
export interface GatewayModelOptions {
  /** Base address, such as `https://gateway.example/v1`. */
  readonly endpoint: string;
  /** Bearer token; never logged. */
  readonly token: string;
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  /** Silence after which a running answer counts as stalled, in milliseconds; 60 s unless given. */
  readonly stallMs?: number;
  /** Time until the first byte of an answer, in milliseconds; 120 s unless given. */
  readonly firstByteMs?: number;
}

const maxErrorBytes = 64 * 1024;

type HttpModule = Pick<typeof http, 'request' | 'Agent'>;

/** An OpenAI-compatible gateway over one kept-alive connection. */
export class GatewayModel implements Model {
  readonly #options: GatewayModelOptions;
  readonly #base: URL;
  #http: HttpModule | undefined;
  #agent: http.Agent | undefined;

  constructor(options: GatewayModelOptions) {
    this.#options = options;
    this.#base = new URL(options.endpoint.replace(/\/$/, '') + '/');
  }

  warmUp(): void {
    void this.#connect().then(({ request, Agent: _ }) => {
      // Any answer will do: the connection stays open for the first real request.
      const probe = request(
        new URL('models', this.#base),
        { method: 'HEAD', agent: this.#agent, headers: this.#headers() },
        (response) => response.resume(),
      );
      probe.on('error', () => undefined);
      probe.end();
    });
  }

  async stream(
    body: readonly Uint8Array[],
    { signal, onText }: { signal: AbortSignal; onText: (text: string) => void },
  ): Promise<ModelAnswer> {
    const builder = new AnswerBuilder(onText);
    const length = body.reduce((sum, piece) => sum + piece.length, 0);
    const response = await this.#send('POST', 'chat/completions', signal, body, {
      'content-type': 'application/json',
      'content-length': String(length),
      accept: 'text/event-stream',
    });
    const type = response.headers['content-type'] ?? '';
    if (!type.includes('text/event-stream')) {
      response.destroy();
      throw new ModelError(
        'try_again',
        `The model gateway answered with ${type.slice(0, 100) || 'no content type'} instead of a stream.`,
      );
    }
    await this.#read(response, signal, builder);
    return builder.finish();
  }

  async listModels(signal: AbortSignal = new AbortController().signal): Promise<readonly string[]> {
    const response = await this.#send('GET', 'models', signal, [], {});
    const text = await readText(response, 4 * 1024 * 1024);
    try {
      const { data } = JSON.parse(text) as { data: { id: string }[] };
      return data.map(({ id }) => id).filter((id) => typeof id === 'string');
    } catch (cause) {
      throw new ModelError('try_again', 'The model gateway answered with a list of models that cannot be read.', {
        cause,
      });
    }
  }

  close(): void {
    this.#agent?.destroy();
  }

  #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#options.token}` };
  }

  async #connect(): Promise<HttpModule> {
    if (this.#http !== undefined) return this.#http;
    // TLS is loaded only for gateways that need it: it costs start-up time.
    const module: HttpModule =
      this.#base.protocol === 'https:' ? ((await import('node:https')) as unknown as HttpModule) : http;
    this.#agent ??= new module.Agent({ keepAlive: true, maxSockets: 4, noDelay: true } as http.AgentOptions);
    this.#http = module;
    return module;
  }

  /** Sends a request and resolves with a successful response whose body has not been read. */
  async #send(
    method: string,
    path: string,
    signal: AbortSignal,
    body: readonly Uint8Array[],
    headers: Record<string, string>,
  ): Promise<http.IncomingMessage> {
    const { request } = await this.#connect();
    signal.throwIfAborted();
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      const outgoing = request(new URL(path, this.#base), {
        method,
        agent: this.#agent,
        headers: { ...this.#headers(), ...headers },
      });
      const fail = (error: unknown): void => {
        stopClock();
        signal.removeEventListener('abort', onAbort);
        reject(error);
      };
      const onAbort = (): void => {
        outgoing.destroy();
        fail(signal.reason);
      };
      const stopClock = this.#options.scheduler.after(this.#options.firstByteMs ?? 120_000, () => {
        outgoing.destroy();
        fail(new ModelError('try_again', 'The model gateway did not begin to answer in time.'));
      });
      signal.addEventListener('abort', onAbort, { once: true });
      outgoing.on('error', (cause) =>
        fail(
          new ModelError(
            'try_again',
            `The model gateway at ${this.#base.host} can't be reached (${(cause as NodeJS.ErrnoException).code ?? 'connection lost'}).`,
            { cause },
          ),
        ),
      );
      outgoing.on('response', (incoming) => {
        stopClock();
        signal.removeEventListener('abort', onAbort);
        resolve(incoming);
      });
      outgoing.cork();
      for (const piece of body) outgoing.write(piece);
      outgoing.end();
      outgoing.uncork();
    });
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) return response;
    throw failureOf(status, response.headers, await readText(response, maxErrorBytes).catch(() => ''));
  }

  /** Feeds the body into the builder until it ends; the pause between two pieces is bounded. */
  #read(response: http.IncomingMessage, signal: AbortSignal, builder: AnswerBuilder): Promise<void> {
    const { scheduler, clock, stallMs = 60_000 } = this.#options;
    const decoder = new StringDecoder('utf8');
    return new Promise((resolve, reject) => {
      let lastByteAt = clock.monotonicMs();
      let stopClock = (): void => undefined;
      const settle = (action: () => void): void => {
        stopClock();
        signal.removeEventListener('abort', onAbort);
        action();
      };
      const fail = (error: unknown): void =>
        settle(() => {
          response.destroy();
          reject(error);
        });
      const onAbort = (): void => fail(signal.reason);
      // One timer that looks back is cheaper than one per piece.
      const watch = (ms: number): void => {
        stopClock = scheduler.after(ms, () => {
          const silent = clock.monotonicMs() - lastByteAt;
          if (silent + 1 < stallMs) watch(stallMs - silent);
          else
            fail(
              new ModelError(
                'try_again',
                `The model gateway stopped in the middle of the answer for ${Math.round(stallMs / 1000)} seconds.`,
              ),
            );
        });
      };
      watch(stallMs);
      const parser = createParser({
        onEvent: ({ data }) => builder.take(data),
        onError: () => undefined,
        maxBufferSize: 32 * 1024 * 1024,
      });
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) return onAbort();
      response.on('data', (chunk: Buffer) => {
        lastByteAt = clock.monotonicMs();
        try {
          parser.feed(decoder.write(chunk));
        } catch (error) {
          fail(
            error instanceof ModelError
              ? error
              : new ModelError('try_again', 'The model gateway sent a stream that cannot be read.', { cause: error }),
          );
        }
      });
      response.on('end', () => settle(resolve));
      response.on('error', (cause) =>
        fail(
          new ModelError('try_again', 'The connection to the model gateway broke in the middle of the answer.', {
            cause,
          }),
        ),
      );
      response.on('aborted', () =>
        fail(new ModelError('try_again', 'The connection to the model gateway broke in the middle of the answer.')),
      );
    });
  }
}

async function readText(response: http.IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
