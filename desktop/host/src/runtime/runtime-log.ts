import { createWriteStream } from 'node:fs';
import type { WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

const maxFileBytes = 8 * 1024 * 1024;
const maxEarlyBytes = 64 * 1024;

/**
 * Takes a runtime's stderr: bounded in memory until the session is known, then to `runtime-<session>.log` up to 8 MiB,
 * after which the rest is dropped with one line that says so. The source is always drained, so that a chatty runtime
 * never blocks on a full pipe.
 */
export class RuntimeLog {
  readonly #folder: string;
  readonly #early: Buffer[] = [];
  #earlyBytes = 0;
  #written = 0;
  #file: WriteStream | undefined;
  #full = false;

  constructor(folder: string, source: Readable) {
    this.#folder = folder;
    source.on('data', (chunk: Buffer) => this.#accept(chunk));
    source.on('error', () => undefined);
  }

  /** The last lines while no file is open yet; for explaining a failed start. Never shown to a renderer. */
  get early(): string {
    return Buffer.concat(this.#early).toString('utf8');
  }

  /** Names the log; what came before is written first. A log that can't be opened is given up silently. */
  async open(name: string): Promise<void> {
    if (this.#file !== undefined) return;
    await mkdir(this.#folder, { recursive: true, mode: 0o700 }).catch(() => undefined);
    const file = createWriteStream(join(this.#folder, `runtime-${name}.log`), { flags: 'a', mode: 0o600 });
    file.on('error', () => undefined);
    this.#file = file;
    for (const chunk of this.#early.splice(0)) this.#write(chunk);
  }

  async close(): Promise<void> {
    const file = this.#file;
    if (file === undefined || file.destroyed || file.errored) return;
    await new Promise<void>((resolve) => {
      file.once('close', resolve);
      file.end();
    });
  }

  #accept(chunk: Buffer): void {
    if (this.#file !== undefined) return this.#write(chunk);
    this.#early.push(chunk);
    this.#earlyBytes += chunk.length;
    while (this.#earlyBytes > maxEarlyBytes && this.#early.length > 1)
      this.#earlyBytes -= this.#early.shift()?.length ?? 0;
  }

  #write(chunk: Buffer): void {
    if (this.#full) return;
    this.#written += chunk.length;
    this.#full = this.#written > maxFileBytes;
    if (this.#file?.writable !== true) return;
    this.#file.write(this.#full ? '{"level":"warn","message":"This log is full; later lines are left out."}\n' : chunk);
  }
}
