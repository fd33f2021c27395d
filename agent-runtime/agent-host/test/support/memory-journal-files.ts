import type { JournalFiles } from '../../src/journal/journal-files.ts';

interface MemoryFile {
  /** What a process sees. */
  data: Buffer;
  /** What survives a power cut. */
  durable: Buffer;
}

/** Name of a journal operation at which a fault may be injected. */
export type JournalOperation = keyof JournalFiles;

/**
 * A disk in memory that knows the difference between written and flushed, and fails when a test says so.
 * `fault` runs before each operation and throws to make it fail; `tearAt` lets a write stop in the middle.
 */
export class MemoryJournalFiles implements JournalFiles {
  readonly files = new Map<string, MemoryFile>();
  readonly operations: JournalOperation[] = [];
  fault: (operation: JournalOperation, count: number) => void = () => undefined;
  /** Bytes of the next failing write that reach the file. */
  tornBytes = 0;
  #open = new Map<number, MemoryFile>();
  #nextFd = 3;

  makeFolder(): void {
    this.#enter('makeFolder');
  }

  read(path: string): Buffer | undefined {
    this.#enter('read');
    const file = this.files.get(path);
    return file === undefined ? undefined : Buffer.from(file.data);
  }

  open(path: string): number {
    this.#enter('open');
    let file = this.files.get(path);
    if (file === undefined) {
      file = { data: Buffer.alloc(0), durable: Buffer.alloc(0) };
      this.files.set(path, file);
    }
    this.#open.set(this.#nextFd, file);
    this.#nextFd += 1;
    return this.#nextFd - 1;
  }

  openExisting(path: string): number | undefined {
    this.#enter('openExisting');
    const file = this.files.get(path);
    if (file === undefined) return undefined;
    this.#open.set(this.#nextFd, file);
    this.#nextFd += 1;
    return this.#nextFd - 1;
  }

  write(fd: number, data: Buffer, position: number): void {
    const file = this.#open.get(fd)!;
    try {
      this.#enter('write');
    } catch (error) {
      this.#put(file, data.subarray(0, this.tornBytes), position);
      throw error;
    }
    this.#put(file, data, position);
  }

  readAt(fd: number, position: number, length: number): Buffer {
    this.#enter('readAt');
    return Buffer.from(this.#open.get(fd)!.data.subarray(position, position + length));
  }

  truncate(fd: number, length: number): void {
    this.#enter('truncate');
    const file = this.#open.get(fd)!;
    file.data = file.data.subarray(0, length);
  }

  sync(fd: number): Promise<void> {
    try {
      this.syncNow(fd, 'sync');
      return Promise.resolve();
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  syncNow(fd: number, operation: JournalOperation = 'syncNow'): void {
    this.#enter(operation);
    const file = this.#open.get(fd)!;
    file.durable = Buffer.from(file.data);
  }

  close(fd: number): void {
    this.#enter('close');
    this.#open.delete(fd);
  }

  rename(from: string, to: string): void {
    this.#enter('rename');
    this.files.set(to, this.files.get(from)!);
    this.files.delete(from);
  }

  syncFolder(): Promise<void> {
    this.#enter('syncFolder');
    return Promise.resolve();
  }

  remove(path: string): void {
    this.#enter('remove');
    this.files.delete(path);
  }

  /** The process dies: open files are gone, what was written stays. */
  kill(): void {
    this.#open.clear();
    this.fault = () => undefined;
  }

  /** The power goes: only what was flushed stays. */
  cutPower(): void {
    this.kill();
    for (const file of this.files.values()) file.data = Buffer.from(file.durable);
  }

  #put(file: MemoryFile, data: Buffer, position: number): void {
    const length = Math.max(file.data.length, position + data.length);
    const next = Buffer.alloc(length);
    file.data.copy(next);
    data.copy(next, position);
    file.data = next;
  }

  #enter(operation: JournalOperation): void {
    this.operations.push(operation);
    this.fault(operation, this.operations.length);
  }
}

/** The error of a full disk. */
export function diskFull(): NodeJS.ErrnoException {
  return Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
}
