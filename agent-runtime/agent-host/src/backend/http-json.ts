import * as http from 'node:http';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { ServiceUnreachableError, StewardError, fromErrorBody, isErrorBody } from '@steward/sdk';
import type { ErrorCode } from '@steward/contracts';

/** One request to a service. */
export interface JsonRequest {
  readonly method: string;
  readonly url: URL;
  readonly token?: string;
  readonly body?: unknown;
  /** Raw content instead of a JSON body. */
  readonly content?: Uint8Array | { readonly path: string; readonly sizeBytes: number };
  readonly idempotencyKey?: string;
  /** Time for the whole exchange, in milliseconds; 30 s unless given. */
  readonly timeoutMs?: number;
  /** Ends the exchange at once. */
  readonly signal?: AbortSignal;
  /** Called when the request has left; what is begun now costs no waiting. */
  readonly onSent?: () => void;
}

const warmUpTimeoutMs = 1_000;
const maxResponseBytes = 64 * 1024 * 1024;

/**
 * JSON over HTTP(S) on kept-alive connections, on Node's own client: the global `fetch` alone would cost a tenth of
 * the start-up budget. Rejects with StewardError: the one the service sent, or ServiceUnreachableError.
 */
export class HttpJson {
  readonly #agents = new Map<string, http.Agent>();
  readonly #warming = new Map<string, Promise<unknown>>();
  #https: Pick<typeof http, 'request' | 'Agent'> | undefined;

  /** Opens a connection to be used by the next request to that origin, which waits for it. */
  async warmUp(url: URL): Promise<void> {
    const warming = this.#send({ method: 'GET', url, timeoutMs: warmUpTimeoutMs }).catch(() => undefined);
    this.#warming.set(url.origin, warming);
    await warming;
    this.#warming.delete(url.origin);
  }

  /** The parsed answer; `undefined` for an empty one. */
  async request(request: JsonRequest): Promise<unknown> {
    const { status, text } = await this.#exchange(request);
    if (status >= 200 && status < 300) return parse(text.toString('utf8'));
    throw failureOf(status, text.toString('utf8'), request.url);
  }

  /** The answer's bytes. */
  async bytes(request: JsonRequest): Promise<Buffer> {
    const { status, text } = await this.#exchange(request);
    if (status >= 200 && status < 300) return text;
    throw failureOf(status, text.toString('utf8'), request.url);
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
  }

  async #exchange(request: JsonRequest): Promise<{ status: number; text: Buffer }> {
    // A second connection beside the one that is being opened would take longer than waiting for that one.
    await this.#warming.get(request.url.origin);
    return this.#send(request);
  }

  async #send(request: JsonRequest): Promise<{ status: number; text: Buffer }> {
    const { url, timeoutMs = 30_000 } = request;
    const secure = url.protocol === 'https:';
    if (secure) this.#https ??= (await import('node:https')) as unknown as Pick<typeof http, 'request' | 'Agent'>;
    const module = secure ? this.#https! : http;
    let agent = this.#agents.get(url.protocol);
    if (agent === undefined) {
      agent = new module.Agent({ keepAlive: true, maxSockets: 8 });
      this.#agents.set(url.protocol, agent);
    }
    const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    const headers = headersOf(request, body);
    try {
      return await new Promise((resolve, reject) => {
        const outgoing = module.request(
          url,
          {
            method: request.method,
            agent: agent!,
            headers,
            timeout: timeoutMs,
            ...(request.signal === undefined ? {} : { signal: request.signal }),
          },
          (response) => {
            collect(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject);
          },
        );
        const deadline = setTimeout(() => outgoing.destroy(new Error('time-out')), timeoutMs);
        outgoing.on('close', () => clearTimeout(deadline));
        outgoing.on('error', reject);
        if (request.onSent !== undefined) outgoing.once('finish', request.onSent);
        const source = streamOf(request);
        if (source === undefined)
          outgoing.end(body ?? (request.content instanceof Uint8Array ? request.content : undefined));
        else source.on('error', (error) => outgoing.destroy(error)).pipe(outgoing);
      });
    } catch (cause) {
      const reason = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
      throw new ServiceUnreachableError(`The service at ${url.host} can't be reached (${reason}).`, {
        details: { url: url.origin },
        cause,
      });
    }
  }
}

function headersOf({ token, content, idempotencyKey }: JsonRequest, body: Buffer | undefined): Record<string, string> {
  const size =
    content === undefined ? body?.length : content instanceof Uint8Array ? content.length : content.sizeBytes;
  return {
    accept: 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(content === undefined ? {} : { 'content-type': 'application/octet-stream' }),
    ...(size === undefined ? {} : { 'content-length': String(size) }),
    ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
  };
}

function streamOf({ content }: JsonRequest): Readable | undefined {
  return content === undefined || content instanceof Uint8Array ? undefined : createReadStream(content.path);
}

async function collect(response: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxResponseBytes) throw new Error('answer too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StewardError('INTERNAL_ERROR', 'A service answered with something that is not JSON.', {
      retryable: true,
      cause,
    });
  }
}

const codeByStatus: Record<number, ErrorCode> = {
  400: 'INVALID_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  429: 'RATE_LIMITED',
};

function failureOf(status: number, text: string, url: URL): StewardError {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  if (isErrorBody(body)) return fromErrorBody(body);
  return new StewardError(
    codeByStatus[status] ?? 'INTERNAL_ERROR',
    `The service at ${url.host} answered with status ${status}.`,
    { retryable: status === 429 || status >= 500, details: { status } },
  );
}
