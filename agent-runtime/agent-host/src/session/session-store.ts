import type { SessionEvent } from '@steward/contracts';
import { timestampOf } from '@steward/sdk';
import type { Clock, NewId } from '@steward/sdk';
import { chunkEvents } from '../events/event-types.ts';
import type { EventName, EventPlace, PayloadOf } from '../events/event-types.ts';
import { RecentEvents } from '../events/recent-events.ts';
import { Journal } from '../journal/journal.ts';
import type { JournalFiles } from '../journal/journal-files.ts';
import { journalFormat, migrationFrom } from '../journal/journal-format.ts';
import type { Migration } from '../journal/journal-format.ts';
import { JournalUnavailableError } from '../journal/journal-error.ts';
import { readRecord, scanRecords } from '../journal/record-codec.ts';
import type { RawRecord, RecordKind, ScanEnd } from '../journal/record-codec.ts';
import { applyRecord, snapshotRecords } from './session-snapshot.ts';
import { applyEvent, applyPrivate, emptySessionState } from './session-state.ts';
import type { PrivateRecords, SessionState } from './session-state.ts';

/** What the store needs. */
export interface SessionStoreDeps {
  readonly files: JournalFiles;
  readonly clock: Clock;
  readonly newId: NewId;
  /** Length in bytes from which the journal is compacted at the next quiet moment. */
  readonly compactAtBytes?: number;
  /** Events kept for replay by a compaction. */
  readonly keepEvents?: number;
}

/** What was found in the journal. */
export interface StoreOpening {
  readonly store: SessionStore;
  readonly end: ScanEnd;
  readonly keptAside?: string;
}

interface Header {
  readonly format: number;
  readonly sessionId: string;
  readonly createdAt: string;
  /** First event that the file still holds. */
  readonly firstSeq: number;
}

/**
 * Owner of one session's state. Every change is a record: it is applied to the state and appended to the journal in
 * one call, so that the state after a crash is the state of the records that were written, by construction.
 *
 * Events get their sequence here. They reach subscribers only after they were handed to the operating system, so that
 * nobody has seen an event that a killed process forgets.
 */
export class SessionStore {
  readonly state: SessionState = emptySessionState();
  readonly sessionId: string;
  readonly #deps: SessionStoreDeps;
  readonly #recent = new RecentEvents();
  readonly #listeners = new Set<() => void>();
  #journal!: Journal;
  #firstSeq = 1;
  /** Where each event from `#firstSeq` on lies in the file. */
  #offsets: number[] = [];
  #createdAt = '';
  #cancelFlush: NodeJS.Immediate | undefined;
  #compactAt: number;
  #openedAtSeq = 0;
  #format = journalFormat;
  #migrate: Migration = migrationFrom(journalFormat);

  private constructor(sessionId: string, deps: SessionStoreDeps) {
    this.sessionId = sessionId;
    this.#deps = deps;
    this.#compactAt = deps.compactAtBytes ?? 32 * 1024 * 1024;
  }

  /** Opens the journal at `path` and rebuilds the state from it; a new file gets a header. */
  static async open(path: string, sessionId: string, deps: SessionStoreDeps): Promise<StoreOpening> {
    const store = new SessionStore(sessionId, deps);
    const aside = (file: string): string => `${file}.damaged-${timestampOf(deps.clock).replaceAll(':', '-')}`;
    const { journal, end, keptAside } = await Journal.open(path, deps.files, (record) => store.#replay(record), aside);
    store.#journal = journal;
    if (end.nextNumber === 0) store.#writeHeader();
    store.#openedAtSeq = store.state.lastSeq;
    // Records of two formats never stand in one file.
    if (store.#format < journalFormat) await store.compact();
    return { store, end, ...(keptAside === undefined ? {} : { keptAside }) };
  }

  /** Why the journal takes no records at the moment; undefined when it does. */
  get failure(): JournalUnavailableError | undefined {
    return this.#journal.failure;
  }

  /** Last event that was there when this process opened the journal. */
  get openedAtSeq(): number {
    return this.#openedAtSeq;
  }

  /** First event that can still be replayed. */
  get firstSeq(): number {
    return this.#firstSeq;
  }

  /** Applies and appends a private record. Durable after the next `sync`. */
  record<K extends keyof PrivateRecords>(kind: K, value: PrivateRecords[K]): void {
    applyPrivate(this.state, kind, value);
    this.#journal.append(kind, JSON.stringify(value));
    this.#flushSoon();
  }

  /** Applies and appends an event and announces it. Durable after the next `sync`. */
  emit<N extends EventName>(eventType: N, payload: PayloadOf<N>, place: EventPlace = {}): SessionEvent {
    const workspaceId = this.state.facts?.workspaceId;
    const event: SessionEvent = {
      eventId: this.#deps.newId('evt'),
      sessionId: this.sessionId,
      ...(workspaceId === undefined ? {} : { workspaceId }),
      ...place,
      seq: this.state.lastSeq + 1,
      eventType,
      timestamp: timestampOf(this.#deps.clock),
      payload: payload as Record<string, unknown>,
    };
    const json = JSON.stringify(event);
    const { offset } = this.#journal.append(chunkEvents.has(eventType) ? 'chunk' : 'event', json);
    this.#offsets.push(offset);
    this.#recent.push(event.seq, json);
    applyEvent(this.state, event);
    this.#flushSoon();
    return event;
  }

  /** Hands everything to the operating system now and tells the subscribers. */
  flush(): void {
    this.#write();
    this.#announce();
  }

  /** Resolves when everything recorded so far is on the disk; rejects with JournalUnavailableError. */
  async sync(): Promise<void> {
    this.#write();
    const synced = this.#journal.sync();
    // The disk works while the subscribers are told.
    this.#announce();
    await synced;
  }

  /** Calls after each flush; returns the way to stop. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Events as JSON text from a sequence on, in order, at most `limit` and about `maxBytes`. */
  readEvents(fromSeq: number, limit: number, maxBytes = 4 * 1024 * 1024): string[] {
    const from = Math.max(fromSeq, this.#firstSeq);
    const count = Math.min(limit, this.state.lastSeq - from + 1);
    if (count <= 0) return [];
    return this.#recent.slice(from, count) ?? this.#readBack(from, count, maxBytes);
  }

  /**
   * Shrinks the file when it has grown past its bound. Call it only where nothing waits for the journal. A disk that has
   * no room for the new file costs nothing: the old one goes on, and it is tried again after it has grown some more.
   */
  async compactIfLarge(): Promise<void> {
    if (this.#journal.length < this.#compactAt || this.failure !== undefined) return;
    try {
      await this.compact();
    } catch (error) {
      if (!(error instanceof JournalUnavailableError)) throw error;
      this.#compactAt = Math.max(this.#compactAt, this.#journal.length * 1.25);
    }
  }

  /** Rewrites the journal as the present state and the newest events. */
  async compact(): Promise<void> {
    await this.sync();
    const keep = this.#deps.keepEvents ?? 5_000;
    // What the Audit Service does not have yet must stay readable.
    const firstSeq = Math.max(this.#firstSeq, Math.min(this.state.lastSeq - keep, this.state.auditedSeq) + 1);
    const offsets: number[] = [];
    await this.#journal.rewrite(this.#compacted(firstSeq, offsets), () => {
      this.#firstSeq = firstSeq;
      this.#offsets = offsets;
      this.#format = journalFormat;
      this.#migrate = migrationFrom(journalFormat);
      this.#compactAt = Math.max(this.#deps.compactAtBytes ?? 32 * 1024 * 1024, this.#journal.length * 2);
      this.#reindex();
    });
  }

  async close(): Promise<void> {
    this.flush();
    this.#listeners.clear();
    await this.#journal.close();
  }

  *#compacted(firstSeq: number, offsets: number[]): Generator<{ kind: RecordKind; json: string }> {
    yield { kind: 'header', json: JSON.stringify(this.#header(firstSeq)) };
    yield* snapshotRecords(this.state);
    for (let seq = firstSeq; seq <= this.state.lastSeq;) {
      const events = this.readEvents(seq, 500);
      for (const json of events) {
        offsets.push(0);
        yield { kind: chunkEvents.has(typeOf(json)) ? 'chunk' : 'event', json };
      }
      seq += events.length;
    }
  }

  #reindex(): void {
    let index = 0;
    scanRecords(this.#journal.readAt(0, this.#journal.length), (record) => {
      if (record.kind === 'event' || record.kind === 'chunk') this.#offsets[index++] = record.offset;
    });
  }

  #readBack(from: number, count: number, maxBytes: number): string[] {
    const start = this.#offsets[from - this.#firstSeq]!;
    const stopAt = this.#offsets[from - this.#firstSeq + count] ?? this.#journal.length;
    const firstEnd = this.#offsets[from - this.#firstSeq + 1] ?? this.#journal.length;
    const data = this.#journal.readAt(start, Math.max(Math.min(stopAt - start, maxBytes), firstEnd - start));
    const found: string[] = [];
    for (
      let record = readRecord(data, 0);
      record !== undefined && found.length < count;
      record = readRecord(data, record.end)
    ) {
      if (record.kind === 'event' || record.kind === 'chunk') found.push(this.#migrate(record.kind, record.json).json);
    }
    return found;
  }

  #replay(raw: RawRecord): void {
    if (raw.kind === 'header') {
      const header = JSON.parse(raw.json) as Header;
      this.#format = header.format;
      this.#migrate = migrationFrom(header.format);
      this.#firstSeq = header.firstSeq;
      this.#createdAt = header.createdAt;
      return;
    }
    const { kind, json } = this.#migrate(raw.kind, raw.json);
    if (kind === 'event' || kind === 'chunk') {
      const seq = this.#firstSeq + this.#offsets.length;
      this.#offsets.push(raw.offset);
      this.#recent.push(seq, json);
      // Behind a checkpoint the events that it already covers are there for replay only.
      if (seq <= this.state.lastSeq) return;
      if (kind === 'event') applyEvent(this.state, JSON.parse(json) as SessionEvent);
      else this.state.lastSeq = seq;
    } else applyRecord(this.state, kind, json);
  }

  #header(firstSeq: number): Header {
    return { format: journalFormat, sessionId: this.sessionId, createdAt: this.#createdAt, firstSeq };
  }

  #writeHeader(): void {
    this.#createdAt = timestampOf(this.#deps.clock);
    this.#journal.append('header', JSON.stringify(this.#header(1)));
  }

  #write(): void {
    try {
      this.#journal.flush();
    } catch {
      // The reason stays in `failure`; whoever needs durability meets it in `sync`. Clients still hear the events.
    }
  }

  #announce(): void {
    if (this.#cancelFlush !== undefined) clearImmediate(this.#cancelFlush);
    this.#cancelFlush = undefined;
    for (const listener of this.#listeners) listener();
  }

  /** Once per turn of the event loop: what happens in one turn costs one write, and the next model request goes first. */
  #flushSoon(): void {
    this.#cancelFlush ??= setImmediate(() => {
      this.#cancelFlush = undefined;
      this.flush();
    });
  }
}

function typeOf(json: string): string {
  return /"eventType":"([^"]*)"/.exec(json)?.[1] ?? '';
}
