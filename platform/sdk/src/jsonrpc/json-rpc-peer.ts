import type { RpcRequests } from '@steward/contracts';
import { ConnectionClosedError, StewardError } from '../errors.ts';
import { JsonRpcError, fromRpcError, rpcCodes, toRpcError } from './rpc-error.ts';
import type { Transport } from './transport.ts';

/** Method → its params and result. */
export type RpcTable = Record<string, { params: unknown; result: unknown }>;

type MessageId = string | number;

/** What a handler knows about the request beside its params. */
export interface RpcCall {
  readonly id: MessageId;
  readonly method: string;
  /** Aborted by `$/cancelRequest` and when the connection closes. */
  readonly signal: AbortSignal;
  /** `_meta.traceparent` of the params, if any. */
  readonly traceparent?: string;
}

/** Answers one request; a thrown StewardError becomes the error response. */
export type RpcHandler<Params, Result> = (params: Params, call: RpcCall) => Promise<Result> | Result;

/** How a peer behaves. */
export interface JsonRpcPeerOptions {
  /** Runs before every incoming request and notification is looked up; throws to refuse it. */
  readonly guard?: (method: string, kind: 'request' | 'notification') => void;
  /** Called with errors that no response can carry, such as a failed notification handler. */
  readonly onError?: (error: unknown) => void;
  /** Longest message this side sends, in bytes (16 MiB unless given); a longer answer becomes FILE_TOO_LARGE. */
  readonly maxFrameBytes?: number;
}

interface Pending {
  readonly method: string;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/**
 * One side of a JSON-RPC 2.0 connection: both sides may ask, answer and notify. Owns its transport.
 * Answers are routed by this connection and the request's id; what arrives malformed is answered by an error and
 * the connection lives on. Batches are refused.
 */
export class JsonRpcPeer<Requests = RpcRequests> {
  readonly #transport: Transport;
  readonly #options: JsonRpcPeerOptions;
  readonly #handlers = new Map<string, RpcHandler<never, unknown>>();
  readonly #listeners = new Map<string, (params: never) => unknown>();
  readonly #pending = new Map<MessageId, Pending>();
  readonly #running = new Map<MessageId, AbortController>();
  readonly #closeListeners: ((cause?: Error) => void)[] = [];
  #nextId = 1;
  #closed = false;

  constructor(transport: Transport, options: JsonRpcPeerOptions = {}) {
    this.#transport = transport;
    this.#options = options;
  }

  /** Starts reading. Register handlers before this call so that no early message misses its handler. */
  start(): this {
    this.#transport.onFault?.((fault) =>
      this.#send({
        jsonrpc: '2.0',
        id: null,
        error: toRpcError(
          new JsonRpcError(
            rpcCodes.invalidRequest,
            `A message was longer than ${fault.limitBytes} bytes and was skipped; send less at once.`,
            {
              code: 'FILE_TOO_LARGE',
              details: { limitBytes: fault.limitBytes },
            },
          ),
        ),
      }),
    );
    this.#transport.onClose((cause) => this.#onClose(cause));
    this.#transport.onMessage((text) => this.#receive(text));
    return this;
  }

  /** Registers the one handler of a method; a second one replaces it. */
  handle<M extends keyof Requests & string>(
    method: M,
    handler: RpcHandler<
      Requests[M] extends { params: infer P } ? P : unknown,
      Requests[M] extends { result: infer R } ? R : unknown
    >,
  ): void {
    this.#handlers.set(method, handler as RpcHandler<never, unknown>);
  }

  /** Registers the one listener of a notification. */
  onNotification<Params = unknown>(method: string, listener: (params: Params) => unknown): void {
    this.#listeners.set(method, listener as (params: never) => unknown);
  }

  /** Called once when the connection ends, whoever ended it. */
  onClose(listener: (cause?: Error) => void): void {
    if (this.#closed) listener();
    else this.#closeListeners.push(listener);
  }

  /** True once the connection has ended. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Asks the other side. Rejects with the StewardError it answered, with ConnectionClosedError when the connection
   * ends first, or with the signal's reason when aborted (the other side is told by `$/cancelRequest`).
   */
  request<M extends keyof Requests & string>(
    method: M,
    params: Requests[M] extends { params: infer P } ? P : unknown,
    options: { signal?: AbortSignal } = {},
  ): Promise<Requests[M] extends { result: infer R } ? R : unknown> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (this.#closed) return reject(new ConnectionClosedError(`${method} was not sent: the connection is closed.`));
      const id = this.#nextId++;
      const onAbort = (): void => {
        this.#pending.delete(id);
        this.notify('$/cancelRequest', { id });
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#pending.set(id, {
        method,
        resolve: (result) => {
          signal?.removeEventListener('abort', onAbort);
          resolve(result as never);
        },
        reject: (error) => {
          signal?.removeEventListener('abort', onAbort);
          reject(error);
        },
      });
      const text = JSON.stringify({ jsonrpc: '2.0', id, method, params });
      if (isLonger(text, this.#maxFrameBytes)) {
        this.#pending.get(id)?.reject(tooLarge(method));
        this.#pending.delete(id);
      } else this.#transport.send(text);
    });
  }

  /** Tells the other side something that has no answer. */
  notify(method: string, params: unknown): void {
    if (!this.#closed) this.#transport.send(JSON.stringify({ jsonrpc: '2.0', method, params }));
  }

  /** Ends the connection: pending requests reject, running handlers are aborted. */
  close(): void {
    this.#transport.close();
    this.#onClose();
  }

  get #maxFrameBytes(): number {
    return this.#options.maxFrameBytes ?? 16 * 1024 * 1024;
  }

  #receive(text: string): void {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      return this.#refuse(null, rpcCodes.parseError, 'The message is not valid JSON.');
    }
    if (Array.isArray(message))
      return this.#refuse(null, rpcCodes.invalidRequest, 'Batches are not supported; send messages one by one.');
    if (typeof message !== 'object' || message === null)
      return this.#refuse(null, rpcCodes.invalidRequest, 'A message is a JSON object.');
    const { jsonrpc, id, method } = message as Record<string, unknown>;
    const knownId = typeof id === 'string' || typeof id === 'number' ? id : null;
    if (jsonrpc !== '2.0') return this.#refuse(knownId, rpcCodes.invalidRequest, 'The member jsonrpc must be "2.0".');
    if (typeof method !== 'string') return this.#settle(message as Record<string, unknown>, knownId);
    const params = (message as Record<string, unknown>)['params'];
    if (params !== undefined && (typeof params !== 'object' || params === null)) {
      return this.#refuse(knownId, rpcCodes.invalidRequest, `${method.slice(0, 100)}: params must be an object.`);
    }
    if (id === undefined) return this.#onNotification(method, params ?? {});
    if (knownId === null)
      return this.#refuse(null, rpcCodes.invalidRequest, 'The id of a request is a string or a number.');
    void this.#answer(knownId, method, params ?? {});
  }

  #settle(message: Record<string, unknown>, id: MessageId | null): void {
    if (!('result' in message) && !('error' in message)) {
      return this.#refuse(id, rpcCodes.invalidRequest, 'A message needs a method, a result or an error.');
    }
    const pending = id === null ? undefined : this.#pending.get(id);
    // An answer without a question is late (cancelled) or hostile; an error without id is about an unreadable message.
    if (id === null || pending === undefined) {
      if ('error' in message && id === null) this.#options.onError?.(fromRpcError(message['error']));
      return;
    }
    this.#pending.delete(id);
    if ('error' in message) pending.reject(fromRpcError(message['error']));
    else pending.resolve(message['result']);
  }

  async #answer(id: MessageId, method: string, params: object): Promise<void> {
    if (this.#running.has(id))
      return this.#refuse(null, rpcCodes.invalidRequest, `The id ${String(id).slice(0, 100)} is already in use.`);
    const controller = new AbortController();
    this.#running.set(id, controller);
    try {
      this.#options.guard?.(method, 'request');
      const handler = this.#handlers.get(method);
      if (handler === undefined)
        throw new JsonRpcError(rpcCodes.methodNotFound, `There is no method ${method.slice(0, 100)}.`);
      const traceparent = traceparentOf(params);
      const result = await handler(params as never, {
        id,
        method,
        signal: controller.signal,
        ...(traceparent === undefined ? {} : { traceparent }),
      });
      const text = JSON.stringify({ jsonrpc: '2.0', id, result: result ?? {} });
      if (isLonger(text, this.#maxFrameBytes)) throw tooLarge(method);
      if (!this.#closed) this.#transport.send(text);
    } catch (error) {
      if (!(error instanceof StewardError) && !controller.signal.aborted) this.#options.onError?.(error);
      const cancelled = controller.signal.aborted && !(error instanceof StewardError);
      this.#send({
        jsonrpc: '2.0',
        id,
        error: toRpcError(cancelled ? new JsonRpcError(rpcCodes.requestCancelled, `${method} was cancelled.`) : error),
      });
    } finally {
      this.#running.delete(id);
    }
  }

  #onNotification(method: string, params: object): void {
    if (method === '$/cancelRequest') {
      const id = (params as { id?: MessageId }).id;
      if (id !== undefined)
        this.#running.get(id)?.abort(new JsonRpcError(rpcCodes.requestCancelled, 'The request was cancelled.'));
      return;
    }
    // Called before the next message is read: a request right behind `initialized` must already find its effect.
    try {
      this.#options.guard?.(method, 'notification');
      const done = this.#listeners.get(method)?.(params as never);
      if (done instanceof Promise) done.catch((error: unknown) => this.#options.onError?.(error));
    } catch (error) {
      this.#options.onError?.(error);
    }
  }

  #refuse(id: MessageId | null, code: number, message: string): void {
    this.#send({ jsonrpc: '2.0', id, error: toRpcError(new JsonRpcError(code, message)) });
  }

  #send(message: object): void {
    if (!this.#closed) this.#transport.send(JSON.stringify(message));
  }

  #onClose(cause?: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { method, reject } of this.#pending.values()) {
      reject(
        new ConnectionClosedError(
          `The connection closed before ${method} was answered.`,
          cause === undefined ? {} : { cause },
        ),
      );
    }
    this.#pending.clear();
    for (const controller of this.#running.values())
      controller.abort(new ConnectionClosedError('The connection closed.'));
    for (const listener of this.#closeListeners.splice(0)) listener(cause);
  }
}

function traceparentOf(params: object): string | undefined {
  const meta = (params as { _meta?: unknown })._meta;
  const value = typeof meta === 'object' && meta !== null ? (meta as { traceparent?: unknown }).traceparent : undefined;
  return typeof value === 'string' ? value : undefined;
}

function tooLarge(method: string): StewardError {
  return new StewardError(
    'FILE_TOO_LARGE',
    `${method}: the message is longer than one frame may be; ask for a smaller part.`,
  );
}

function isLonger(text: string, bytes: number): boolean {
  // Three bytes per UTF-16 unit is the most UTF-8 can need, so ordinary messages are never encoded just to be measured.
  return text.length * 3 > bytes && (text.length > bytes || new TextEncoder().encode(text).length > bytes);
}
