import { readRecord } from './record-codec.ts';
import type { RawRecord } from './record-codec.ts';

const blockBytes = 256 * 1024;

/**
 * The valid records between two positions of a file in order, read in blocks, so that a file of any length needs little
 * memory. Ends early at the first record that is not valid; positions are those of the file. `readAt` may answer less
 * than it was asked for only at the end of the file.
 */
export function* recordsFrom(
  readAt: (position: number, length: number) => Buffer,
  from: number,
  to: number,
): Generator<RawRecord> {
  let block: Buffer = Buffer.alloc(0);
  let blockAt = from;
  let wanted = blockBytes;
  for (let offset = from; offset < to;) {
    const record = readRecord(block, offset - blockAt);
    if (record !== undefined) {
      const end = blockAt + record.end;
      yield { ...record, offset, end };
      offset = end;
      wanted = blockBytes;
      continue;
    }
    // A record that begins with the block and is not whole in it is longer than the block, or none.
    if (offset === blockAt && block.length > 0) wanted *= 2;
    const length = Math.min(wanted, to - offset);
    if (offset === blockAt && block.length >= length) return;
    block = readAt(offset, length);
    blockAt = offset;
    if (block.length < length) to = Math.min(to, offset + block.length);
    if (block.length === 0) return;
  }
}
