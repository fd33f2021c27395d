import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fsync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';

/**
 * Every disk operation of the journal, so that faults can be injected at each of them.
 * Calls throw or reject with the system's error (`code` ENOSPC, EIO, EROFS…).
 */
export interface JournalFiles {
  makeFolder(path: string): void;
  /** Whole content; undefined when the file does not exist. */
  read(path: string): Buffer | undefined;
  /** Opens for reading and appending; creates the file, private to its owner. */
  open(path: string): number;
  /** Opens for reading only; undefined when the file does not exist. */
  openExisting(path: string): number | undefined;
  /** Appends all bytes at `position`, or throws after having written some of them. */
  write(fd: number, data: Buffer, position: number): void;
  readAt(fd: number, position: number, length: number): Buffer;
  truncate(fd: number, length: number): void;
  /** Resolves once the data is on the disk. */
  sync(fd: number): Promise<void>;
  /** The same, waiting; for the rare rewrite that nothing may interleave with. */
  syncNow(fd: number): void;
  close(fd: number): void;
  rename(from: string, to: string): void;
  /** Makes names in a folder durable. */
  syncFolder(path: string): Promise<void>;
  remove(path: string): void;
}

/** The files of the machine. */
export const systemJournalFiles: JournalFiles = {
  makeFolder: (path) => void mkdirSync(path, { recursive: true, mode: 0o700 }),
  read: (path) => {
    try {
      return readFileSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  },
  open: (path) => {
    try {
      return openSync(path, 'r+');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return openSync(path, 'wx+', 0o600);
    }
  },
  openExisting: (path) => {
    try {
      return openSync(path, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  },
  write: (fd, data, position) => {
    for (let done = 0; done < data.length;) done += writeSync(fd, data, done, data.length - done, position + done);
  },
  readAt: (fd, position, length) => {
    const data = Buffer.allocUnsafe(length);
    let done = 0;
    for (let read = -1; read !== 0 && done < length; done += read)
      read = readSync(fd, data, done, length - done, position + done);
    return data.subarray(0, done);
  },
  truncate: (fd, length) => ftruncateSync(fd, length),
  sync: (fd) =>
    new Promise((resolve, reject) => fdatasync(fd, (error) => (error === null ? resolve() : reject(error)))),
  syncNow: (fd) => fdatasyncSync(fd),
  close: (fd) => closeSync(fd),
  rename: (from, to) => renameSync(from, to),
  syncFolder: (path) => {
    // Windows can't open folders; its file system journals names by itself.
    if (process.platform === 'win32') return Promise.resolve();
    const fd = openSync(path, 'r');
    return new Promise((resolve, reject) =>
      fsync(fd, (error) => {
        closeSync(fd);
        if (error === null) resolve();
        else reject(error);
      }),
    );
  },
  remove: (path) => rmSync(path, { recursive: true, force: true }),
};
