import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** What becomes of one request and its answer on the way. */
export type NetworkFault =
  /** The connection is reset before the request arrives. */
  | 'drop'
  /** The answer comes late. */
  | 'delay'
  /** The service has served the request, and the connection is closed before the answer. */
  | 'half_close'
  /** The request arrives twice. */
  | 'duplicate'
  /** The answer comes after that of the next request. */
  | 'reorder'
  /** This and the next two requests are answered by something before the service that is overloaded. */
  | 'storm'
  /** The answer comes byte by byte. */
  | 'slow_loris';

const faults: readonly NetworkFault[] = ['drop', 'delay', 'half_close', 'duplicate', 'reorder', 'storm', 'slow_loris'];
const lateMs = 60;
const stormLength = 3;

/**
 * A TCP proxy before a service that harms exchanges by a seed: which fault the n-th exchange meets is always the same.
 * One exchange is a request and its answer on a kept-alive connection. It understands no TLS.
 */
export class FaultProxy {
  /** How often each fault took place. */
  readonly hit = new Map<NetworkFault, number>();
  /** From 0 to 1: how many exchanges are harmed. */
  share = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #target: { readonly host: string; readonly port: number };
  #random: number;
  #storm = 0;
  #held: (() => void) | undefined;

  private constructor(target: URL, seed: number) {
    this.#target = { host: target.hostname, port: Number(target.port) };
    this.#random = seed;
    this.#server = createServer((client) => this.#serve(client));
  }

  static async start(target: string, seed: number): Promise<FaultProxy> {
    const proxy = new FaultProxy(new URL(target), seed);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** The environment with every address of the target replaced by this proxy. */
  before(env: Readonly<Record<string, string>>): Record<string, string> {
    const { port } = this.#server.address() as AddressInfo;
    const entries = Object.entries(env).map(([name, value]) => [
      name,
      value.replace(`:${this.#target.port}/`, `:${port}/`),
    ]);
    return Object.fromEntries(entries) as Record<string, string>;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(client: Socket): void {
    const service = connect(this.#target);
    for (const socket of [client, service]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        service.destroy();
      });
    }
    let fault: NetworkFault | undefined;
    let request: Buffer[] = [];
    let answered = true;
    // Answers stay in order on one connection, however late each piece is.
    let sending = Promise.resolve();
    client.on('data', (piece: Buffer) => {
      if (answered) {
        answered = false;
        request = [];
        fault = this.#next();
        if (fault === 'drop') return void client.destroy();
        if (fault === 'storm')
          return void client.end('HTTP/1.1 503 Busy\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
      }
      request.push(piece);
      service.write(piece);
    });
    service.on('data', (piece: Buffer) => {
      const isFirst = !answered;
      answered = true;
      if (isFirst && fault === 'duplicate') this.#again(Buffer.concat(request));
      if (fault === 'half_close') return void client.end();
      const harm = isFirst || fault === 'slow_loris' ? fault : undefined;
      sending = sending.then(() => this.#answer(client, piece, harm));
    });
  }

  async #answer(client: Socket, piece: Buffer, fault: NetworkFault | undefined): Promise<void> {
    if (fault === 'delay') await late();
    if (fault === 'reorder') await Promise.race([late(), new Promise<void>((resolve) => (this.#held = resolve))]);
    if (fault !== 'slow_loris') client.write(piece);
    else
      for (const byte of piece) {
        client.write(Buffer.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
    if (fault === 'reorder') return;
    this.#held?.();
    this.#held = undefined;
  }

  #again(request: Buffer): void {
    const second = connect(this.#target, () => second.write(request));
    this.#sockets.add(second);
    second.on('error', () => undefined);
    second.on('data', () => second.destroy());
    second.on('close', () => this.#sockets.delete(second));
  }

  #next(): NetworkFault | undefined {
    const fault =
      this.#storm > 0
        ? 'storm'
        : this.#draw() < this.share
          ? faults[Math.floor(this.#draw() * faults.length)]
          : undefined;
    if (fault === undefined) return undefined;
    this.#storm = fault !== 'storm' ? 0 : this.#storm > 0 ? this.#storm - 1 : stormLength - 1;
    this.hit.set(fault, (this.hit.get(fault) ?? 0) + 1);
    return fault;
  }

  /** From 0 up to 1: a linear congruential generator, which is even enough for this and the same everywhere. */
  #draw(): number {
    this.#random = (Math.imul(this.#random, 1664525) + 1013904223) >>> 0;
    return this.#random / 2 ** 32;
  }
}

function late(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, lateMs));
}
