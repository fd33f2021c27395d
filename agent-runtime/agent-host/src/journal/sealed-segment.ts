import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { Blocks } from './blocks.ts';
import { JournalUnavailableError } from './journal-error.ts';
import type { JournalFiles } from './journal-files.ts';
import { recordLine } from './record-codec.ts';
import type { RecordKind } from './record-codec.ts';

const blockBytes = 256 * 1024;

/** What a file held when it was sealed, and by what it is known again. */
export interface Seal {
  readonly bytes: number;
  /** CRC-32 of the whole file as eight hexadecimal digits. */
  readonly checksum: string;
}

/**
 * Writes records to a new file that is never changed afterwards. When it resolves, content and name are on the disk.
 * A file of the same name, left by a process that died before anything referred to it, is replaced.
 * @throws JournalUnavailableError when the disk refuses; nothing refers to what is left then
 */
export async function writeSegment(
  path: string,
  files: JournalFiles,
  records: Iterable<{ readonly kind: RecordKind; readonly json: string }>,
): Promise<Seal> {
  try {
    files.remove(path);
    const fd = files.open(path);
    try {
      const seal = writeAll(fd, files, records);
      await files.sync(fd);
      await files.syncFolder(dirname(path));
      return seal;
    } finally {
      files.close(fd);
    }
  } catch (error) {
    throw error instanceof JournalUnavailableError ? error : new JournalUnavailableError(path, error);
  }
}

function writeAll(
  fd: number,
  files: JournalFiles,
  records: Iterable<{ readonly kind: RecordKind; readonly json: string }>,
): Seal {
  let bytes = 0;
  let checksum = 0;
  let number = 0;
  const blocks = new Blocks((data) => {
    files.write(fd, data, bytes);
    bytes += data.length;
    checksum = crc32(data, checksum);
  });
  for (const { kind, json } of records) {
    const { length, fill } = recordLine(number, kind, json);
    blocks.add(length, fill);
    number += 1;
  }
  blocks.end();
  return { bytes, checksum: hex(checksum) };
}

/** Whether a file is, byte by byte, what was sealed. False for one that is missing; throws what else the disk says. */
export function isSealed(path: string, files: JournalFiles, { bytes, checksum }: Seal): boolean {
  const fd = files.openExisting(path);
  if (fd === undefined) return false;
  try {
    let found = 0;
    let position = 0;
    for (
      let block = files.readAt(fd, 0, blockBytes);
      block.length > 0;
      block = files.readAt(fd, position, blockBytes)
    ) {
      found = crc32(block, found);
      position += block.length;
    }
    return position === bytes && hex(found) === checksum;
  } finally {
    files.close(fd);
  }
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
