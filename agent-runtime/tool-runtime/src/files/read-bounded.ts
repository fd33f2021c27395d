import { closeSync, readSync } from 'node:fs';
import { StewardError } from '@steward/sdk';
import type { ToolWalls } from '@steward/tool-port';
import { openForReading } from './guarded-open.ts';
import { sizeInWords } from './text.ts';

/** A file read whole, with where it really is. */
export interface ReadFile {
  readonly bytes: Buffer;
  readonly realPath: string;
  readonly mode: number;
}

/** Reads a whole file inside the walls. Throws FILE_TOO_LARGE above the limit, also when it grows while being read. */
export function readBounded(
  absolute: string,
  walls: Pick<ToolWalls, 'checkPath'>,
  maxBytes: number,
  capability: 'File.Read' | 'File.Write' | 'File.Delete' = 'File.Read',
): ReadFile {
  const file = openForReading(absolute, walls, capability);
  try {
    if (file.stats.size > maxBytes) throw tooLarge(absolute, file.stats.size, maxBytes);
    const bytes = readAll(file.fd, file.stats.size, maxBytes);
    if (bytes === undefined) throw tooLarge(absolute, maxBytes + 1, maxBytes);
    return { bytes, realPath: file.realPath, mode: file.stats.mode & 0o7777 };
  } finally {
    closeSync(file.fd);
  }
}

/** The error for content above a limit. */
export function tooLarge(what: string, size: number, maxBytes: number): StewardError {
  return new StewardError(
    'FILE_TOO_LARGE',
    `${what} has ${sizeInWords(size)}; at most ${sizeInWords(maxBytes)} are allowed. Use SearchText, or a command that reads a part.`,
    {
      details: { sizeBytes: size, maxBytes },
    },
  );
}

/** Everything an open file holds; undefined when it is more than the limit. Sizes of special files are not believed. */
export function readAll(fd: number, expected: number, maxBytes: number): Buffer | undefined {
  let buffer = Buffer.allocUnsafe(Math.min(Math.max(expected, 0), maxBytes) + 1);
  let length = 0;
  for (;;) {
    if (length === buffer.length) {
      if (length > maxBytes) return undefined;
      const larger = Buffer.allocUnsafe(Math.min(buffer.length * 2 + 4096, maxBytes + 1));
      buffer.copy(larger, 0, 0, length);
      buffer = larger;
    }
    const count = readSync(fd, buffer, length, buffer.length - length, null);
    if (count === 0) return length > maxBytes ? undefined : buffer.subarray(0, length);
    length += count;
  }
}
