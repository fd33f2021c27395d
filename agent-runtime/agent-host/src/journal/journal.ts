import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Blocks } from './blocks.ts';
import type { JournalFiles } from './journal-files.ts';
import { JournalUnavailableError } from './journal-error.ts';
import { encodeRecord, recordLine, scanInParts } from './record-codec.ts';
import type { RawRecord, RecordKind, ScanEnd } from './record-codec.ts';

/** `home/runtime/sessions/ID` and home itself. */
const newFolders = 4;
/** Records that are read in one go, a few milliseconds of work. */
const recordsPerTurn = 512;

/** What was found when a journal was opened. */
export interface JournalOpening {
  readonly journal: Journal;
  readonly end: ScanEnd;
  /** Where the damaged file was kept, if it was damaged. */
  readonly keptAside?: string;
}

/**
 * The append-only file of one session. Owns its file descriptor.
 *
 * Order: `append` keeps the record in memory, `flush` hands everything appended so far to the operating system (it
 * survives the death of this process), `sync` resolves when it is on the disk (it survives a power cut). A failed
 * write or sync never loses a record: the bytes since the last successful sync stay in memory, the next flush cuts
 * the file back to what is known to be good and writes them again.
 */
export class Journal {
  readonly path: string;
  readonly #files: JournalFiles;
  #fd: number;
  #number: number;
  /** Bytes of the file that are surely on the disk. */
  #synced: number;
  /** Bytes handed to the operating system. */
  #written: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #unsynced: Buffer[] = [];
  #failed: JournalUnavailableError | undefined;
  #syncing: Promise<void> | undefined;
  /** Bytes that the running sync covers. */
  #syncingUpTo = 0;
  #queued: Promise<void> | undefined;
  /**
   * What was in the file when it was opened, until a sync has covered it: the process before may have died between its
   * last write and the flush of it.
   */
  #unproved: Buffer | undefined;
  /** Folders whose new names are not on the disk yet. */
  #newNamesIn: readonly string[] = [];

  private constructor(path: string, files: JournalFiles, fd: number, length: number, number: number) {
    this.path = path;
    this.#files = files;
    this.#fd = fd;
    this.#synced = length;
    this.#written = length;
    this.#number = number;
  }

  /**
   * Opens or creates the file and visits its valid records. A torn last record is cut off. On other damage the whole
   * file is first copied to `keptAside` and flushed, then the valid part goes on; nothing is ever deleted.
   * @param found told of the whole content, empty for a new file, before its records are visited
   * @throws JournalUnavailableError when the disk refuses; whatever `visit` throws leaves the file untouched
   */
  static async open(
    path: string,
    files: JournalFiles,
    visit: (record: RawRecord) => void,
    aside: (path: string) => string,
    found: (data: Buffer) => void = () => undefined,
  ): Promise<JournalOpening> {
    const older = attempt(path, () => {
      files.makeFolder(dirname(path));
      return files.read(path);
    });
    const data = older ?? Buffer.alloc(0);
    found(data);
    // A record that this version can't read ends here, before anything was changed.
    const end = await scanInTurns(data, visit);
    try {
      let keptAside: string | undefined;
      if (end.state === 'damaged') {
        keptAside = aside(path);
        await keepAside(files, keptAside, data);
      }
      const fd = files.open(path);
      if (end.validLength < data.length) files.truncate(fd, end.validLength);
      for (const position of end.repairs) files.write(fd, Buffer.from('\n'), position);
      const journal = new Journal(path, files, fd, end.validLength, end.nextNumber);
      journal.#newNamesIn = foldersAbove(path);
      if (end.validLength > 0) journal.#unproved = repaired(data, end);
      return { journal, end, ...(keptAside === undefined ? {} : { keptAside }) };
    } catch (error) {
      throw new JournalUnavailableError(path, error);
    }
  }

  /** Why the last write failed; undefined while the disk takes records. */
  get failure(): JournalUnavailableError | undefined {
    return this.#failed;
  }

  /** Length of the file once everything appended is written, in bytes. */
  get length(): number {
    return this.#written + this.#pendingBytes;
  }

  /** Adds a record in memory; returns the position where it will lie and its length, both in bytes. */
  append(kind: RecordKind, json: string): { offset: number; length: number } {
    const line = encodeRecord(this.#number, kind, json);
    this.#number += 1;
    const offset = this.length;
    this.#pending.push(line);
    this.#pendingBytes += line.length;
    return { offset, length: line.length };
  }

  /** Hands everything appended to the operating system. Throws JournalUnavailableError; the records stay. */
  flush(): void {
    if (this.#pending.length > 0) {
      const data = this.#pending.length === 1 ? this.#pending[0]! : Buffer.concat(this.#pending, this.#pendingBytes);
      this.#pending = [];
      this.#pendingBytes = 0;
      this.#unsynced.push(data);
      const position = this.#written;
      this.#written += data.length;
      if (this.#failed === undefined) return this.#attempt(() => this.#files.write(this.#fd, data, position));
    }
    if (this.#failed !== undefined) this.#rewrite();
  }

  /** Resolves when everything appended before the call is on the disk; calls that wait at the same time share one sync. */
  sync(): Promise<void> {
    // A sync that already runs may have started before the newest record was written; then one that starts later counts.
    if (this.#syncing !== undefined && this.#pendingBytes === 0 && this.#written === this.#syncingUpTo)
      return this.#syncing;
    if (this.#syncing !== undefined) {
      this.#queued ??= this.#syncing
        .catch(() => undefined)
        .then(() => {
          this.#queued = undefined;
          return this.sync();
        });
      return this.#queued;
    }
    this.#syncing = this.#syncNow().finally(() => {
      this.#syncing = undefined;
    });
    return this.#syncing;
  }

  /** Reads bytes back. Bytes that a failing disk did not take are answered from memory. */
  readAt(position: number, length: number): Buffer {
    if (this.#failed === undefined) return this.#files.readAt(this.#fd, position, length);
    const tail = Buffer.concat(this.#unsynced);
    if (position >= this.#synced) return tail.subarray(position - this.#synced, position - this.#synced + length);
    const head = this.#files.readAt(this.#fd, position, Math.min(length, this.#synced - position));
    return Buffer.concat([head, tail.subarray(0, length - head.length)]);
  }

  /**
   * Replaces the file by the given records: written to a new file, flushed, renamed over the old one, folder flushed.
   * Killed at any instant, either the old or the new file is there whole. Numbers start again at 0. Everything up to
   * the rename and the call of `swapped` happens in one go, so that no record can be appended in between.
   * @param placed told of each record where it will lie
   */
  async rewrite(
    records: Iterable<{ kind: RecordKind; json: string }>,
    swapped: () => void = () => undefined,
    placed: (kind: RecordKind, offset: number) => void = () => undefined,
  ): Promise<void> {
    await this.sync();
    this.flush();
    const next = `${this.path}.next`;
    const fd = attempt(next, () => {
      this.#files.remove(next);
      return this.#files.open(next);
    });
    let number = 0;
    let position = 0;
    let offset = 0;
    const blocks = new Blocks((data) => {
      this.#files.write(fd, data, position);
      position += data.length;
    });
    try {
      for (const { kind, json } of records) {
        const { length, fill } = recordLine(number, kind, json);
        placed(kind, offset);
        offset += length;
        blocks.add(length, fill);
        number += 1;
      }
      blocks.end();
      this.#files.syncNow(fd);
      this.#files.rename(next, this.path);
    } catch (error) {
      this.#letGo(fd);
      throw new JournalUnavailableError(next, error);
    }
    const old = this.#fd;
    this.#fd = fd;
    this.#number = number;
    this.#synced = position;
    this.#written = position;
    this.#unsynced = [];
    this.#unproved = undefined;
    swapped();
    this.#letGo(old);
    // Until the name is on the disk a power cut brings the old file back, without what is appended from here on: the
    // next sync confirms nothing before it has flushed the name.
    this.#newNamesIn = [dirname(this.path)];
    await this.#syncNames().catch((error: unknown) => {
      throw new JournalUnavailableError(this.path, error);
    });
  }

  /** Flushes and closes. Never throws: what could not be written was reported by the flush before. */
  async close(): Promise<void> {
    await this.sync().catch(() => undefined);
    this.#files.close(this.#fd);
  }

  /** Closes a file whose content matters no more, so that nothing hangs on how that goes. */
  #letGo(fd: number): void {
    try {
      this.#files.close(fd);
    } catch {
      // The descriptor is gone all the same.
    }
  }

  async #syncNow(): Promise<void> {
    this.flush();
    if (this.#unsynced.length === 0 && this.#unproved === undefined) return;
    const covered = this.#unsynced.length;
    const length = this.#written;
    this.#syncingUpTo = length;
    try {
      await Promise.all([this.#files.sync(this.#fd), this.#syncNames()]);
    } catch (error) {
      throw this.#fail(error);
    }
    this.#unsynced.splice(0, covered);
    this.#unproved = undefined;
    this.#synced = length;
  }

  /** A flushed file whose name is not on the disk is lost with its name. */
  async #syncNames(): Promise<void> {
    const folders = this.#newNamesIn;
    if (folders.length === 0) return;
    await Promise.all(folders.map((folder) => this.#files.syncFolder(folder)));
    this.#newNamesIn = [];
  }

  #rewrite(): void {
    const data = Buffer.concat(this.#unsynced);
    this.#attempt(() => {
      this.#files.truncate(this.#fd, this.#synced);
      // The same bytes in the same place: a disk that forgot them gets them again, and a death meanwhile changes nothing.
      if (this.#unproved !== undefined) this.#files.write(this.#fd, this.#unproved, 0);
      this.#files.write(this.#fd, data, this.#synced);
    });
    this.#unsynced = [data];
    this.#failed = undefined;
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #fail(error: unknown): JournalUnavailableError {
    this.#failed = new JournalUnavailableError(this.path, error);
    return this.#failed;
  }
}

/**
 * The folders in which a name may be new with a journal: its own, and those above it up to the one that holds the
 * runtime's. A name that is not flushed takes everything below it along in a power cut.
 */
function foldersAbove(path: string): string[] {
  const folders = [dirname(path)];
  while (folders.length < newFolders) folders.push(dirname(folders.at(-1)!));
  return folders;
}

/** The valid part of a file with its separators put right. */
function repaired(data: Buffer, { validLength, repairs }: ScanEnd): Buffer {
  if (repairs.length === 0) return data.subarray(0, validLength);
  const whole = Buffer.alloc(validLength);
  data.copy(whole);
  for (const position of repairs) whole.write('\n', position);
  return whole;
}

/** Reads a whole file while connections are opened and modules are loaded. */
async function scanInTurns(data: Buffer, visit: (record: RawRecord) => void): Promise<ScanEnd> {
  const scan = scanInParts(data, visit, recordsPerTurn);
  for (;;) {
    const { done, value } = scan.next();
    if (done === true) return value;
    await setImmediate();
  }
}

async function keepAside(files: JournalFiles, path: string, data: Buffer): Promise<void> {
  const copy = files.open(path);
  try {
    files.write(copy, data, 0);
    await files.sync(copy);
  } finally {
    files.close(copy);
  }
  await files.syncFolder(dirname(path));
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new JournalUnavailableError(path, error);
  }
}
