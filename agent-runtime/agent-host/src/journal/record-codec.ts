import { crc32 } from 'node:zlib';

/** What a record is; the reducer in `session/session-state.ts` gives each its meaning. */
export type RecordKind =
  | 'header'
  | 'session'
  | 'bundle'
  | 'event'
  | 'chunk'
  | 'message'
  | 'sealed'
  | 'summary'
  | 'checkpoint'
  | 'intent'
  | 'outcome'
  | 'approval'
  | 'grant'
  | 'outbox'
  | 'sent'
  | 'audited'
  | 'rewinding'
  | 'ended';

/** Where one record lies in the file, its content still as text. */
export interface RawRecord {
  readonly number: number;
  readonly kind: RecordKind;
  readonly json: string;
  /** Position of the line's first byte. */
  readonly offset: number;
  /** Position after the line's newline. */
  readonly end: number;
}

/** A record and whether the newline behind it is as it was written. */
interface ReadRecord extends RawRecord {
  readonly separated: boolean;
}

/** How a scan ended: cleanly, at a torn last write, or at damage. */
export interface ScanEnd {
  readonly state: 'clean' | 'torn' | 'damaged';
  /** Bytes from the start that are whole and valid. */
  readonly validLength: number;
  /** Number that the next record gets. */
  readonly nextNumber: number;
  /** Positions where a newline is missing or wrong behind a record that is whole; to be put right. */
  readonly repairs: readonly number[];
}

const checksumDigits = 8;
/** Checksum, length, number and kind with their spaces, at most, in bytes. */
const longestHead = 128;
const space = 0x20;
const newline = 0x0a;
/** Smallest part of a file that a disk writes or does not write, in bytes. */
const sectorBytes = 512;

/**
 * One line: `crc32 length number kind json`, where the checksum and the length cover `number kind json`.
 * The running number makes a lost or repeated line visible.
 */
export function encodeRecord(number: number, kind: RecordKind, json: string): Buffer {
  const { length, fill } = recordLine(number, kind, json);
  const line = Buffer.allocUnsafe(length);
  fill(line);
  return line;
}

/** The same line without memory of its own: its length, and how it is written to a place of that length. */
export function recordLine(
  number: number,
  kind: RecordKind,
  json: string,
): { readonly length: number; fill(place: Buffer): void } {
  const head = `${number} ${kind} `;
  const covered = head.length + Buffer.byteLength(json);
  const start = checksumDigits + 1 + String(covered).length + 1;
  return {
    length: start + covered + 1,
    fill: (place) => {
      place.write(head, start, 'latin1');
      place.write(json, start + head.length, 'utf8');
      place[start + covered] = newline;
      const checksum = crc32(place.subarray(start, start + covered));
      place.write(`${checksum.toString(16).padStart(checksumDigits, '0')} ${covered} `, 0, 'latin1');
    },
  };
}

/**
 * Calls `visit` for every valid record in order and says how the data, a whole file, ends.
 *
 * A record counts when its length and its checksum agree: the newline behind it only separates, so a record is not lost
 * when that byte is missing or wrong, and the position is handed back to be put right. Torn means: nothing readable
 * follows the first invalid byte, and the last write did not reach the disk whole (no final newline, or sectors of
 * zeros in it). Everything else that is invalid is damage; one changed byte is never taken for a torn write. Pure.
 */
export function scanRecords(data: Buffer, visit: (record: RawRecord) => void): ScanEnd {
  const scan = scanInParts(data, visit, Number.POSITIVE_INFINITY);
  for (;;) {
    const { done, value } = scan.next();
    if (done === true) return value;
  }
}

/** The same, which pauses after every so many records, so that whoever reads a long file can let others work. */
export function* scanInParts(
  data: Buffer,
  visit: (record: RawRecord) => void,
  every: number,
): Generator<undefined, ScanEnd> {
  const repairs: number[] = [];
  let offset = 0;
  let number = 0;
  while (offset < data.length) {
    const record = readRecord(data, offset);
    if (record === undefined || record.number !== number) {
      return { state: isTorn(data, offset) ? 'torn' : 'damaged', validLength: offset, nextNumber: number, repairs };
    }
    visit(record);
    if (!record.separated) repairs.push(record.end - 1);
    number += 1;
    offset = record.end;
    if (number % every === 0) yield;
  }
  return { state: 'clean', validLength: offset, nextNumber: number, repairs };
}

/** The record that starts at `offset`, or undefined when there is no valid one. */
export function readRecord(data: Buffer, offset: number): ReadRecord | undefined {
  if (data.length - offset < 14 || data[offset + 8] !== space) return undefined;
  // One text for everything before the content: an opening comes here for every record, and each call of it costs.
  const head = data.toString('latin1', offset, offset + longestHead);
  const lengthEnd = head.indexOf(' ', 9);
  if (lengthEnd < 0 || lengthEnd > 20) return undefined;
  const lengthText = head.slice(9, lengthEnd);
  if (!/^[1-9]\d*$/.test(lengthText)) return undefined;
  const start = offset + lengthEnd + 1;
  const end = start + Number(lengthText);
  if (end > data.length) return undefined;
  if (head.slice(0, 8) !== crc32(data.subarray(start, end)).toString(16).padStart(8, '0')) return undefined;
  const numberEnd = head.indexOf(' ', lengthEnd + 1);
  const kindEnd = head.indexOf(' ', numberEnd + 1);
  if (numberEnd < 0 || kindEnd < 0 || offset + kindEnd >= end) return undefined;
  return {
    number: Number(head.slice(lengthEnd + 1, numberEnd)),
    kind: head.slice(numberEnd + 1, kindEnd) as RecordKind,
    json: data.toString('utf8', offset + kindEnd + 1, end),
    offset,
    end: end + 1,
    separated: data[end] === newline,
  };
}

function isTorn(data: Buffer, offset: number): boolean {
  const tail = data.subarray(offset);
  for (let at = tail.indexOf(newline); at >= 0 && at + 1 < tail.length; at = tail.indexOf(newline, at + 1)) {
    // A readable record behind the break proves that more was written than one torn batch.
    if (readRecord(tail, at + 1) !== undefined) return false;
  }
  return tail[tail.length - 1] !== newline || hasUnwrittenSectors(data, offset);
}

/**
 * Zeros never stand in a record, so a run of them is a place that was reserved and not written: it begins where the
 * flushed part of the file ended or at a sector, and ends at a sector or with the file.
 */
function hasUnwrittenSectors(data: Buffer, offset: number): boolean {
  for (let from = data.indexOf(0, offset); from >= 0;) {
    let to = from;
    while (to < data.length && data[to] === 0) to += 1;
    const begins = from === offset || from % sectorBytes === 0;
    const ends = to === data.length || to % sectorBytes === 0;
    if (begins && ends && to - from > 1) return true;
    from = data.indexOf(0, to);
  }
  return false;
}
