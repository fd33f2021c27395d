import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { StewardError } from '@steward/sdk';
import type { ContentHash } from '@steward/tool-port';

const chunkBytes = 1024 * 1024;

/** Content kept by its hash in a private folder, so that a change can be undone and an interrupted one proved. */
export class ContentStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Keeps all that an open file holds, from its start; flushed to disk before the hash is returned. */
  putFromHandle(fd: number): ContentHash {
    this.#ensureFolder();
    const temporary = path.join(this.#folder, `incoming-${randomBytes(9).toString('base64url')}`);
    const out = openSync(temporary, 'wx', 0o600);
    try {
      const hash = copyAndHash(fd, out);
      if (existsSync(this.#pathOf(hash))) {
        rmSync(temporary, { force: true });
        return hash;
      }
      fsyncSync(out);
      renameSync(temporary, this.#pathOf(hash));
      this.#flushFolder();
      return hash;
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    } finally {
      closeSync(out);
    }
  }

  /** The content of a hash; undefined when it was never kept or has been damaged. */
  read(hash: ContentHash): Buffer | undefined {
    if (hash === 'absent' || !existsSync(this.#pathOf(hash))) return undefined;
    const bytes = readFileSync(this.#pathOf(hash));
    return hashOf(bytes) === hash ? bytes : undefined;
  }

  /** Whether the content of a hash is kept; whether it is undamaged is found out by reading it. */
  has(hash: ContentHash): boolean {
    return hash !== 'absent' && existsSync(this.#pathOf(hash));
  }

  #pathOf(hash: ContentHash): string {
    const hex = /^sha256:([0-9a-f]{64})$/.exec(hash)?.[1];
    if (hex === undefined) throw new StewardError('INVALID_REQUEST', `${hash} is not a content hash.`);
    return path.join(this.#folder, hex);
  }

  #ensureFolder(): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
  }

  #flushFolder(): void {
    if (process.platform === 'win32') return;
    const fd = openSync(this.#folder, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }
}

/** The hash of bytes in memory. */
export function hashOf(bytes: Uint8Array): ContentHash {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** The hash of an open file, from its start, in bounded memory. */
export function hashOfHandle(fd: number): ContentHash {
  return copyAndHash(fd, undefined);
}

function copyAndHash(from: number, to: number | undefined): ContentHash {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(chunkBytes);
  for (let position = 0; ;) {
    const count = readSync(from, buffer, 0, chunkBytes, position);
    if (count === 0) break;
    const chunk = buffer.subarray(0, count);
    hash.update(chunk);
    if (to !== undefined) for (let done = 0; done < count;) done += writeSync(to, chunk, done);
    position += count;
  }
  return `sha256:${hash.digest('hex')}`;
}
