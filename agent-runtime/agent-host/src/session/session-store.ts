import type { ConversationMessage, SessionEvent } from '@steward/contracts';
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
import { recordsFrom } from '../journal/records-from.ts';
import type { RawRecord, RecordKind, ScanEnd } from '../journal/record-codec.ts';
import { EventIndex } from './event-index.ts';
import { journalEnds } from './journal-ends.ts';
import type { JournalEnds } from './journal-ends.ts';
import { KnownEffects } from './known-effects.ts';
import { MessageIndex } from './message-index.ts';
import { OpenedMessages } from './opened-messages.ts';
import { sealMessages } from './seal-messages.ts';
import { redactDeep } from '../secrets/redact-deep.ts';
import { SessionLog, typeOf } from './session-log.ts';
import { applyEvent, applyPrivate, changesState, messageOf } from './session-reducer.ts';
import type { PrivateRecords } from './session-reducer.ts';
import { applyRecord, snapshotRecords } from './session-snapshot.ts';
import { emptySessionState } from './session-state.ts';
import type { ApprovalRecord, EffectRecord, SealedPart, SessionState } from './session-state.ts';

/** Length in bytes at which a journal is compacted: what an opening reads and replays at once. */
const defaultCompactAt = 8 * 1024 * 1024;

/** What tools and records have cleaned themselves, and the calls of an answer. */
const cleanMembers: ReadonlySet<string> = new Set(['outputText', 'diff', 'recorded', 'toolCalls']);

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
  /** Names of sealed files that are not what they were; they are left as they are. */
  readonly damagedParts: readonly string[];
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
  #redact: (text: string) => string = (text) => text;
  #firstSeq = 1;
  /** Where each event from `#firstSeq` on lies in the file. */
  readonly #events = new EventIndex();
  readonly #index = new MessageIndex();
  readonly #log: SessionLog;
  /** What passed by while the journal was opened; until the conversation goes on. */
  #opened: { readonly messages: OpenedMessages; readonly effects: KnownEffects } | undefined = {
    messages: new OpenedMessages(),
    effects: new KnownEffects(),
  };
  /** Sealed files that the journal on the disk names and nothing needs any more. */
  #unneeded: string[] = [];
  /** Returns to an earlier step, counted. */
  #returns = 0;
  #createdAt = '';
  #cancelFlush: NodeJS.Immediate | undefined;
  #compactAt: number;
  #openedAtSeq = 0;
  #format = journalFormat;
  #migrate: Migration = migrationFrom(journalFormat);

  private constructor(path: string, sessionId: string, deps: SessionStoreDeps) {
    this.sessionId = sessionId;
    this.#deps = deps;
    this.#compactAt = deps.compactAtBytes ?? defaultCompactAt;
    this.#log = new SessionLog({
      files: deps.files,
      path,
      index: this.#index,
      sealed: () => this.state.sealed,
      journal: () => {
        this.#write();
        const journal = this.#journal;
        return {
          length: journal.length,
          format: this.#format,
          readAt: (position, length) => journal.readAt(position, length),
        };
      },
    });
  }

  /**
   * Opens the journal at `path` and rebuilds the state from it; a new file gets a header.
   * @param found told what the ends of the journal say before it is read, while nothing of that is proved
   */
  static async open(
    path: string,
    sessionId: string,
    deps: SessionStoreDeps,
    found: (ends: JournalEnds | undefined) => void = () => undefined,
  ): Promise<StoreOpening> {
    const store = new SessionStore(path, sessionId, deps);
    const aside = (file: string): string => `${file}.damaged-${timestampOf(deps.clock).replaceAll(':', '-')}`;
    const { journal, end, keptAside } = await Journal.open(
      path,
      deps.files,
      (record) => store.#replay(record),
      aside,
      (data) => found(journalEnds(data)),
    );
    store.#journal = journal;
    if (end.nextNumber === 0) store.#writeHeader();
    store.#openedAtSeq = store.state.lastSeq;
    // Records of two formats never stand in one file.
    if (store.#format < journalFormat) await store.compact();
    const damagedParts = store.#log.damaged();
    return { store, end, ...(keptAside === undefined ? {} : { keptAside }), damagedParts };
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
    const { offset } = this.#journal.append(kind, JSON.stringify(value));
    this.#noteRecord(kind, value, offset);
    this.#flushSoon();
  }

  /** From now on secrets are taken out of events before they are kept, and of everything that is shown. */
  redactWith(redact: (text: string) => string): void {
    this.#redact = redact;
  }

  /** A part of the session as it may leave this process. */
  shown<T>(value: T): T {
    return redactDeep(value, this.#redact);
  }

  /** As `readEvents`, as they may leave this process. */
  readShownEvents(fromSeq: number, limit: number): string[] {
    return this.readEvents(fromSeq, limit).map((json) =>
      json.includes('"toolCalls":[') ? JSON.stringify(this.shown(JSON.parse(json))) : json,
    );
  }

  /**
   * Applies and appends an event and announces it. Durable after the next `sync`. Of what is kept only the arguments of
   * calls stay as they are, since a call that was interrupted has to be run as it was decided.
   */
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
      payload: chunkEvents.has(eventType)
        ? (payload as Record<string, unknown>)
        : redactDeep(payload as Record<string, unknown>, this.#redact, cleanMembers),
    };
    const json = JSON.stringify(event);
    const { offset } = this.#journal.append(chunkEvents.has(eventType) ? 'chunk' : 'event', json);
    this.#events.add(offset);
    this.#recent.push(event.seq, json);
    this.#apply(event, offset);
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

  /** The messages from one number up to before another, from the disk. Throws JournalUnavailableError. */
  messages(from: number, to: number): ConversationMessage[] {
    const end = Math.min(to, this.state.messages.length);
    return this.#opened?.messages.slice(from, end) ?? this.#log.messages(from, end);
  }

  /** The opening is over: nothing of it is kept in memory any more. */
  forgetOpening(): void {
    this.#opened = undefined;
  }

  /** All messages from a number on, read page by page. */
  messagesFrom(from = 0): Generator<ConversationMessage> {
    return this.#log.messagesFrom(from);
  }

  /** The effects that were announced when there were more than `after` messages, in their order. */
  effects(after?: number): EffectRecord[] {
    return this.#log.effects(after, this.#opened?.effects.all());
  }

  /** An approval request, however long ago it was answered. */
  approval(approvalId: string): ApprovalRecord | undefined {
    return this.state.approvals.get(approvalId) ?? this.#log.approval(approvalId);
  }

  /**
   * Moves what is older than the newest block to a sealed file, then rewrites the journal as the present state and the
   * newest events. Costs what was added since the last time, not what the conversation holds. The sealed file is on the
   * disk before the journal names it: killed at any instant, the journal and all that it names are there.
   */
  async compact(): Promise<void> {
    await this.sync();
    const { messages } = this.state;
    const { length } = messages;
    const returns = this.#returns;
    const unneeded = new Set(this.#unneeded);
    const { files } = this.#deps;
    const part = await sealMessages({ state: this.state, log: this.#log, files, header: this.#header(1) });
    // What came meanwhile is in no file yet; the next compaction takes both.
    if (messages.length !== length || this.#returns !== returns) return;
    const sealed = part === undefined ? [...this.state.sealed] : [...this.state.sealed, part];
    const keep = this.#deps.keepEvents ?? 5_000;
    // What the Audit Service does not have yet must stay readable.
    const firstSeq = Math.max(this.#firstSeq, Math.min(this.state.lastSeq - keep, this.state.auditedSeq) + 1);
    const events = new EventIndex();
    const index = new MessageIndex();
    for (const { name, first, end } of sealed) index.addSealed(name, end - first);
    const swapped = (): void => {
      if (part !== undefined) applyPrivate(this.state, 'sealed', part);
      this.#firstSeq = firstSeq;
      this.#format = journalFormat;
      this.#migrate = migrationFrom(journalFormat);
      this.#compactAt = Math.max(this.#deps.compactAtBytes ?? defaultCompactAt, this.#journal.length * 2);
      // The events behind the snapshot hold messages that it holds already.
      index.interrupt();
      this.#events.replaceBy(events);
      this.#index.replaceBy(index);
    };
    await this.#journal.rewrite(this.#compacted(firstSeq, sealed), swapped, (kind, offset) => {
      if (kind === 'event' || kind === 'chunk') events.add(offset);
      else if (kind === 'message') index.add(offset);
    });
    this.#remove(unneeded);
  }

  async close(): Promise<void> {
    this.flush();
    this.#listeners.clear();
    await this.#journal.close();
  }

  *#compacted(firstSeq: number, sealed: readonly SealedPart[]): Generator<{ kind: RecordKind; json: string }> {
    yield { kind: 'header', json: JSON.stringify(this.#header(firstSeq)) };
    yield* snapshotRecords(this.state, sealed);
    for (let seq = firstSeq; seq <= this.state.lastSeq;) {
      const events = this.readEvents(seq, 500);
      for (const json of events) yield { kind: chunkEvents.has(typeOf(json)) ? 'chunk' : 'event', json };
      seq += events.length;
    }
  }

  /** Removes sealed files that the journal does not name any more. */
  #remove(names: ReadonlySet<string>): void {
    for (const name of names) {
      try {
        this.#deps.files.remove(this.#log.pathOf(name));
      } catch {
        // It goes with the session's folder.
      }
    }
    this.#unneeded = this.#unneeded.filter((name) => !names.has(name));
  }

  #readBack(from: number, count: number, maxBytes: number): string[] {
    const { offset, skip } = this.#events.placeOf(from - this.#firstSeq);
    const journal = this.#journal;
    const found: string[] = [];
    let left = skip;
    let bytes = 0;
    for (const record of recordsFrom((at, length) => journal.readAt(at, length), offset, journal.length)) {
      if (record.kind !== 'event' && record.kind !== 'chunk') continue;
      if (left > 0) {
        left -= 1;
        continue;
      }
      found.push(this.#migrate(record.kind, record.json).json);
      bytes += record.end - record.offset;
      if (found.length === count || bytes >= maxBytes) break;
    }
    return found;
  }

  #apply(event: SessionEvent, offset: number): void {
    const sealedBefore = this.state.sealed;
    applyEvent(this.state, event);
    if (messageOf(event) !== undefined) this.#added(offset);
    if (event.eventType !== 'session_rewound') return;
    this.#returns += 1;
    this.#index.truncate(this.state.messages.length);
    this.#opened?.messages.truncate(this.state.messages.length);
    this.#opened?.effects.truncate(this.state.messages.length);
    const needed = new Set(this.state.sealed.map(({ name }) => name));
    for (const { name } of sealedBefore) if (!needed.has(name)) this.#unneeded.push(name);
  }

  /** The newest message was written at this position. */
  #added(offset: number): void {
    this.#index.add(offset);
    const { length, block } = this.state.messages;
    this.#opened?.messages.add(length - 1, block.at(-1)!);
  }

  /** A private record was applied that lies at this position. */
  #noteRecord(kind: RecordKind, value: unknown, offset: number): void {
    if (kind === 'message') this.#added(offset);
    else if (kind === 'intent')
      this.#opened?.effects.announce(value as PrivateRecords['intent'], this.state.messages.length);
    else if (kind === 'outcome') {
      const { toolCallId, proof } = value as PrivateRecords['outcome'];
      this.#opened?.effects.prove(toolCallId, proof);
    }
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
      const seq = this.#firstSeq + this.#events.count;
      this.#events.add(raw.offset);
      this.#recent.push(seq, json);
      // Behind a checkpoint the events that it already covers are there for replay only.
      if (seq <= this.state.lastSeq) return;
      if (kind === 'event' && changesState(typeOf(json))) this.#apply(JSON.parse(json) as SessionEvent, raw.offset);
      else this.state.lastSeq = seq;
      return;
    }
    const value: unknown = JSON.parse(json);
    applyRecord(this.state, kind, value);
    this.#noteRecord(kind, value, raw.offset);
    if (kind === 'checkpoint') this.#index.interrupt();
    else if (kind === 'sealed') {
      const { name, first, end } = this.state.sealed.at(-1)!;
      this.#index.addSealed(name, end - first);
    }
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
