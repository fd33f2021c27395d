import type { Readable, Writable } from 'node:stream';
import type { Transport, TransportFault } from './transport.ts';

const newline = 0x0a;

/** Limits of a line transport. */
export interface LineTransportOptions {
  /** Longest accepted line in bytes; 16 MiB unless given. */
  readonly maxFrameBytes?: number;
}

/**
 * Newline-delimited messages over a pair of byte streams (stdio, socket, named pipe). A line beyond the limit is
 * skipped without being held in memory and reported as a fault. The transport owns both streams: `close` ends them.
 */
export class LineTransport implements Transport {
  readonly #readable: Readable;
  readonly #writable: Writable;
  readonly #maxFrameBytes: number;
  #chunks: Buffer[] = [];
  #length = 0;
  #skipping = false;
  #message: ((text: string) => void) | undefined;
  #faults: ((fault: TransportFault) => void)[] = [];
  #closeListeners: ((cause?: Error) => void)[] = [];
  #closed = false;
  #cause: Error | undefined;

  constructor(readable: Readable, writable: Writable, options: LineTransportOptions = {}) {
    this.#readable = readable;
    this.#writable = writable;
    this.#maxFrameBytes = options.maxFrameBytes ?? 16 * 1024 * 1024;
    readable.on('end', () => this.#finish());
    readable.on('close', () => this.#finish());
    readable.on('error', (error) => this.#finish(error));
    writable.on('error', (error) => this.#finish(error));
    // A process that ended closes what it read from before its last words were read: those still count.
    writable.on('close', () => {
      if (readable.readableEnded || readable.destroyed) this.#finish();
    });
  }

  get bufferedBytes(): number {
    return this.#writable.writableLength;
  }

  onDrained(listener: () => void): void {
    if (this.#writable.writableLength === 0 || this.#closed) listener();
    // An empty write is called back after everything before it, at any fill level, unlike the `drain` event.
    else this.#writable.write('', () => listener());
  }

  send(text: string): void {
    if (this.#closed || this.#writable.writableEnded || this.#writable.destroyed) return;
    this.#writable.write(text + '\n');
  }

  onMessage(listener: (text: string) => void): void {
    const first = this.#message === undefined;
    this.#message = listener;
    if (first)
      this.#readable.on('data', (chunk: Buffer | string) =>
        this.#accept(typeof chunk === 'string' ? Buffer.from(chunk) : chunk),
      );
  }

  onFault(listener: (fault: TransportFault) => void): void {
    this.#faults.push(listener);
  }

  onClose(listener: (cause?: Error) => void): void {
    if (this.#closed) listener(this.#cause);
    else this.#closeListeners.push(listener);
  }

  close(): void {
    this.#finish();
    this.#readable.destroy();
    this.#writable.end();
  }

  #accept(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0 && !this.#closed; end = chunk.indexOf(newline, start)) {
      this.#keep(chunk.subarray(start, end));
      this.#deliver();
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  #keep(piece: Buffer): void {
    if (this.#skipping || piece.length === 0) return;
    if (this.#length + piece.length > this.#maxFrameBytes) {
      this.#skipping = true;
      this.#chunks = [];
      this.#length = 0;
      return;
    }
    this.#chunks.push(piece);
    this.#length += piece.length;
  }

  #deliver(): void {
    const skipped = this.#skipping;
    const line = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks, this.#length);
    this.#skipping = false;
    this.#chunks = [];
    this.#length = 0;
    if (skipped)
      for (const listener of this.#faults) listener({ kind: 'frame_too_large', limitBytes: this.#maxFrameBytes });
    else if (line.length > 0) {
      const text = line.toString('utf8').trim();
      if (text !== '') this.#message?.(text);
    }
  }

  #finish(cause?: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cause = cause;
    this.#chunks = [];
    for (const listener of this.#closeListeners) listener(cause);
    this.#closeListeners = [];
  }
}
