import { mkdir, open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { GetEventsResult, SessionEvent } from '@steward/contracts';
import { writePrivateFile } from '../files/private-files.ts';

/** Where a log lives and how large it may grow. */
export interface EventLogOptions {
  readonly path: string;
  /** 32 MiB unless given. */
  readonly maxBytes?: number;
  /** Told when the disk refused a write; the conversation goes on, the copy then has holes that readers are told of. */
  readonly onFailure: (error: unknown) => void;
}

interface Entry {
  readonly seq: number;
  readonly eventId: string;
  readonly offset: number;
  readonly length: number;
}

const maxPageBytes = 4 * 1024 * 1024;

/**
 * The host's own copy of one session's events: one JSON line each, appended in order of `seq`, so that a crashed
 * conversation can still be shown. Bounded: beyond `maxBytes` the older half is dropped, and a reader who asks for
 * it is told by a `stream_gap`. The runtime's journal stays the truth; this copy is not flushed per event.
 */
export class EventLog {
  readonly #path: string;
  readonly #maxBytes: number;
  #file: FileHandle;
  #entries: Entry[];
  #size: number;
  /** Lines that wait for one write; sealed (set to undefined) before anything that changes the file otherwise. */
  #batch: string[] | undefined;
  #writing: Promise<void> = Promise.resolve();
  #onFailure: (error: unknown) => void;

  private constructor(options: EventLogOptions, file: FileHandle, entries: Entry[], size: number) {
    this.#path = options.path;
    this.#maxBytes = options.maxBytes ?? 32 * 1024 * 1024;
    this.#onFailure = options.onFailure;
    this.#file = file;
    this.#entries = entries;
    this.#size = size;
  }

  /** Opens or creates the log; a torn last line and everything after a line that can't be read is cut off. */
  static async open(options: EventLogOptions): Promise<EventLog> {
    await mkdir(dirname(options.path), { recursive: true, mode: 0o700 });
    const file = await open(options.path, 'a+', 0o600);
    const content = await file.readFile();
    const { entries, size } = indexOf(content);
    if (size < content.length) await file.truncate(size);
    return new EventLog(options, file, entries, size);
  }

  /** Sequence of the newest event; 0 when empty. */
  get lastSeq(): number {
    return this.#entries.at(-1)?.seq ?? 0;
  }

  /** Id of the event with this sequence; undefined when it is not kept. */
  eventIdAt(seq: number): string | undefined {
    return this.#entries[this.#indexFrom(seq)]?.seq === seq ? this.#entries[this.#indexFrom(seq)]?.eventId : undefined;
  }

  /** Takes the event, which must have a higher sequence than the last. Written in the background, in order. */
  append(event: SessionEvent): void {
    const line = `${JSON.stringify(event)}\n`;
    const length = Buffer.byteLength(line);
    this.#entries.push({ seq: event.seq, eventId: event.eventId, offset: this.#size, length });
    this.#size += length;
    if (this.#batch === undefined) this.#openBatch();
    this.#batch?.push(line);
    if (this.#size > this.#maxBytes) this.#dropOlderHalf();
  }

  /** Forgets this sequence and everything after it: the runtime has gone back to before it. */
  truncateFrom(seq: number): void {
    const index = this.#indexFrom(seq);
    const entry = this.#entries[index];
    if (entry === undefined) return;
    this.#entries.length = index;
    this.#size = entry.offset;
    this.#batch = undefined;
    this.#enqueue(() => this.#file.truncate(entry.offset));
  }

  /** A page of events from `fromSeq` on, oldest first. */
  async read(fromSeq: number, limit: number): Promise<GetEventsResult> {
    await this.settled();
    const start = this.#indexFrom(fromSeq);
    let end = start;
    let bytes = 0;
    for (; end < this.#entries.length && end - start < limit; end += 1) {
      bytes += this.#entries[end]?.length ?? 0;
      if (bytes > maxPageBytes && end > start) break;
    }
    const wanted = this.#entries.slice(start, end);
    const next = this.#entries[end]?.seq;
    const events = await this.#load(wanted);
    const first = events[0];
    const gap = first !== undefined && first.seq > fromSeq;
    return {
      events: gap ? [streamGap(first, first.seq), ...events] : events,
      lastSeq: this.lastSeq,
      ...(next === undefined ? {} : { nextFromSeq: next }),
    };
  }

  /** Resolves when everything appended so far is written, or has failed to be. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file.close();
  }

  /** Closes and removes the log. */
  async remove(): Promise<void> {
    await this.close();
    await rm(this.#path, { force: true });
  }

  #enqueue(work: () => Promise<void>): void {
    this.#writing = this.#writing.then(work).catch((error: unknown) => this.#onFailure(error));
  }

  #openBatch(): void {
    const batch: string[] = [];
    this.#batch = batch;
    this.#enqueue(async () => {
      if (this.#batch === batch) this.#batch = undefined;
      await this.#file.appendFile(batch.join(''));
    });
  }

  #dropOlderHalf(): void {
    const kept = this.#entries.slice(Math.ceil(this.#entries.length / 2));
    const from = kept[0]?.offset ?? this.#size;
    this.#entries = kept.map((entry) => ({ ...entry, offset: entry.offset - from }));
    this.#size -= from;
    this.#batch = undefined;
    this.#enqueue(async () => {
      const { size } = await this.#file.stat();
      const buffer = Buffer.alloc(Math.max(0, size - from));
      await this.#file.read(buffer, 0, buffer.length, from);
      await this.#file.close();
      await writePrivateFile(this.#path, buffer);
      this.#file = await open(this.#path, 'a+', 0o600);
    });
  }

  async #load(entries: readonly Entry[]): Promise<SessionEvent[]> {
    const from = entries[0]?.offset ?? 0;
    const last = entries.at(-1);
    const buffer = Buffer.alloc(last === undefined ? 0 : last.offset + last.length - from);
    await this.#file.read(buffer, 0, buffer.length, from);
    const events: SessionEvent[] = [];
    for (const entry of entries) {
      const event = parseLine(buffer.subarray(entry.offset - from, entry.offset - from + entry.length));
      // Lines that a full disk swallowed are left out; the reader sees the jump in the sequence.
      if (event?.seq === entry.seq) events.push(event);
    }
    return events;
  }

  /** Index of the first entry whose sequence is not below `seq`. */
  #indexFrom(seq: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle]?.seq ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** An event made by the host, without a place in the session's own sequence: reload from the sequence it names. */
export function streamGap(
  template: Pick<SessionEvent, 'eventId' | 'sessionId' | 'timestamp'>,
  reloadFromSeq: number,
): SessionEvent {
  const { eventId, sessionId, timestamp } = template;
  return {
    eventId,
    sessionId,
    timestamp,
    eventType: 'stream_gap',
    seq: Math.max(1, reloadFromSeq - 1),
    payload: { reloadFromSeq },
  };
}

function indexOf(content: Buffer): { entries: Entry[]; size: number } {
  const entries: Entry[] = [];
  let offset = 0;
  for (let end = content.indexOf(10); end >= 0; end = content.indexOf(10, offset)) {
    const entry = entryOf(content.subarray(offset, end), offset, end + 1 - offset);
    if (entry === undefined || entry.seq <= (entries.at(-1)?.seq ?? 0)) break;
    entries.push(entry);
    offset = end + 1;
  }
  return { entries, size: offset };
}

function entryOf(line: Buffer, offset: number, length: number): Entry | undefined {
  const event = parseLine(line);
  if (event === undefined) return undefined;
  const { seq, eventId } = event;
  return Number.isInteger(seq) && seq > 0 && typeof eventId === 'string' ? { seq, eventId, offset, length } : undefined;
}

function parseLine(line: Buffer): SessionEvent | undefined {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as SessionEvent) : undefined;
  } catch {
    return undefined;
  }
}
