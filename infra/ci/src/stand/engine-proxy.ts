import { Agent, createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One operation of the engine as a service asked for it. */
export interface EngineCall {
  /** Such as `GetItem`. */
  readonly name: string;
  readonly input: Record<string, unknown>;
  readonly startedMs: number;
  endedMs: number;
}

/** What goes wrong between a service and the engine, as shares of all calls from 0 to 1. */
export interface Faults {
  readonly throttled: number;
  readonly delayed: number;
  readonly delayMs: number;
  /** Half of them before the engine sees the call, half after it has answered. */
  readonly dropped: number;
}

/** Numbers of calls since the start. */
export interface EngineCounts {
  calls: number;
  throttled: number;
  delayed: number;
  dropped: number;
}

const none: Faults = { throttled: 0, delayed: 0, delayMs: 0, dropped: 0 };

/** Stands between services and the engine: passes calls on, notes them when asked, and breaks some when told to. */
export class EngineProxy {
  readonly url: string;
  readonly counts: EngineCounts = { calls: 0, throttled: 0, delayed: 0, dropped: 0 };
  readonly #server: Server;
  readonly #target: URL;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #random: () => number;
  #faults = none;
  #noted: EngineCall[] | undefined;

  private constructor(server: Server, target: string, random: () => number) {
    this.#server = server;
    this.#target = new URL(target);
    this.#random = random;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void this.#handle(request, response));
  }

  /** @param target the engine's address; @param random from 0 to 1, decides which calls break */
  static async start(target: string, random: () => number = Math.random): Promise<EngineProxy> {
    const server = createServer({ keepAliveTimeout: 60_000 });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new EngineProxy(server, target, random);
  }

  /** Breaks calls from now on. */
  inject(faults: Faults): void {
    this.#faults = faults;
  }

  /** The calls that are made while `action` runs. */
  async note(action: () => Promise<unknown>): Promise<readonly EngineCall[]> {
    const noted: EngineCall[] = [];
    this.#noted = noted;
    await action();
    this.#noted = undefined;
    return noted;
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    } catch {
      return;
    }
    const body = Buffer.concat(chunks);
    const call = this.#begin(request, body);
    this.counts.calls += 1;
    const { throttled, delayed, delayMs, dropped } = this.#faults;
    const chance = this.#random();
    if (chance < throttled) {
      this.counts.throttled += 1;
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
      response.end('{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"Slow down."}');
      return;
    }
    const isDropped = chance < throttled + dropped;
    if (isDropped) this.counts.dropped += 1;
    if (isDropped && chance < throttled + dropped / 2) return void request.socket.destroy();
    if (!isDropped && chance < throttled + dropped + delayed) {
      this.counts.delayed += 1;
      await new Promise((resolve) => setTimeout(resolve, delayMs));
    }
    const done = (): void => {
      if (call !== undefined) call.endedMs = performance.now();
    };
    this.#pass(request, body, response, isDropped, done);
  }

  #begin(request: IncomingMessage, body: Buffer): EngineCall | undefined {
    if (this.#noted === undefined) return undefined;
    const name = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const startedMs = performance.now();
    const call: EngineCall = { name, input: JSON.parse(body.toString()), startedMs, endedMs: startedMs };
    this.#noted.push(call);
    return call;
  }

  #pass(request: IncomingMessage, body: Buffer, response: ServerResponse, isDropped: boolean, done: () => void): void {
    const { hostname, port } = this.#target;
    const { host: _host, connection: _connection, ...headers } = request.headers;
    const options = { hostname, port, method: 'POST', path: '/', headers, agent: this.#agent };
    const passed = httpRequest(options, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => {
        done();
        if (isDropped) return void request.socket.destroy();
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        response.end(Buffer.concat(parts));
      });
    });
    passed.on('error', () => request.socket.destroy());
    passed.end(body);
  }
}
