import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import path from 'node:path';

/** The whole output of a call on disk, begun only when it is long; memory stays bounded by back-pressure. */
export class OutputSpool {
  readonly #file: string;
  readonly #threshold: number;
  readonly #maxBytes: number;
  #waiting: Buffer[] = [];
  #stream: WriteStream | undefined;
  #failed = false;
  #seen = 0;
  #written = 0;

  constructor(file: string, threshold: number, maxBytes: number) {
    this.#file = file;
    this.#threshold = threshold;
    this.#maxBytes = maxBytes;
  }

  /** Takes the next bytes. False asks the caller to wait for `drained`. */
  push(chunk: Buffer): boolean {
    this.#seen += chunk.length;
    if (this.#stream === undefined && this.#seen <= this.#threshold) {
      this.#waiting.push(chunk);
      return true;
    }
    const stream = this.#open();
    const room = this.#maxBytes - this.#written;
    if (this.#failed || room <= 0) return true;
    const part = chunk.length > room ? chunk.subarray(0, room) : chunk;
    this.#written += part.length;
    return stream.write(part);
  }

  /** Resolves when more can be taken. */
  async drained(): Promise<void> {
    const stream = this.#stream;
    if (stream === undefined || this.#failed || stream.closed || !stream.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        stream.off('drain', done).off('close', done);
        resolve();
      };
      stream.on('drain', done).on('close', done);
    });
  }

  /** Closes the file. Its path and size when the output was long and could be written. */
  async finish(): Promise<{ readonly path: string; readonly sizeBytes: number; readonly cut: boolean } | undefined> {
    const stream = this.#stream;
    this.#waiting = [];
    if (stream === undefined) return undefined;
    await new Promise<void>((resolve) => {
      if (stream.closed) resolve();
      else stream.once('close', resolve);
      stream.end();
    });
    return this.#failed ? undefined : { path: this.#file, sizeBytes: this.#written, cut: this.#seen > this.#written };
  }

  #open(): WriteStream {
    if (this.#stream !== undefined) return this.#stream;
    mkdirSync(path.dirname(this.#file), { recursive: true, mode: 0o700 });
    const stream = createWriteStream(this.#file, { flags: 'wx', mode: 0o600 });
    // A full disk costs the artifact, never the command.
    stream.on('error', () => (this.#failed = true));
    this.#stream = stream;
    for (const chunk of this.#waiting) {
      this.#written += chunk.length;
      stream.write(chunk);
    }
    this.#waiting = [];
    return stream;
  }
}
