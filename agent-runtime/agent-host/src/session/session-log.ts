import { basename, dirname, join } from 'node:path';
import type { ConversationMessage, SessionEvent } from '@steward/contracts';
import { JournalUnavailableError } from '../journal/journal-error.ts';
import type { JournalFiles } from '../journal/journal-files.ts';
import type { Migration } from '../journal/journal-format.ts';
import { migrationFrom } from '../journal/journal-format.ts';
import type { RawRecord } from '../journal/record-codec.ts';
import { recordsFrom } from '../journal/records-from.ts';
import { isSealed } from '../journal/sealed-segment.ts';
import { KnownEffects } from './known-effects.ts';
import type { MessageIndex, MessagePlace } from './message-index.ts';
import { messageOf } from './session-reducer.ts';
import type { PrivateRecords } from './session-reducer.ts';
import type { ApprovalRecord, EffectRecord, SealedPart } from './session-state.ts';

/** What reading back needs. */
export interface SessionLogDeps {
  readonly files: JournalFiles;
  /** Path of the journal; sealed files are in the same folder. */
  readonly path: string;
  readonly index: MessageIndex;
  sealed(): readonly SealedPart[];
  /** The journal as far as it is written, and its format. */
  journal(): { readonly length: number; readonly format: number; readAt(position: number, length: number): Buffer };
}

const pageMessages = 64;
const messagesPerMark = 32;

/**
 * Reads back what a conversation no longer keeps in memory: from the journal and from the sealed files beside it, in
 * little memory. A message that lies in a damaged file is answered by one that says so, so that numbers stay true.
 */
export class SessionLog {
  readonly #deps: SessionLogDeps;
  readonly #marks = new Map<string, readonly number[]>();

  constructor(deps: SessionLogDeps) {
    this.#deps = deps;
  }

  /** Path of a sealed file. */
  pathOf(name: string): string {
    // A name never leads out of the session's folder, whatever a journal says.
    return join(dirname(this.#deps.path), basename(name));
  }

  /** The messages from one number up to before another. */
  messages(from: number, to: number): ConversationMessage[] {
    const found: ConversationMessage[] = [];
    for (const place of this.#deps.index.places(from, to)) {
      const part = this.#messagesAt(place);
      if (part.length < place.count && place.segment === undefined) throw this.#unreadable();
      for (const message of part) found.push(message);
      for (let lost = part.length; lost < place.count; lost += 1) found.push(lostMessage(from + found.length));
    }
    return found;
  }

  /** All messages from a number on, read page by page. */
  *messagesFrom(from: number, to: number = this.#deps.index.length): Generator<ConversationMessage> {
    for (let next = from; next < to; next += pageMessages)
      yield* this.messages(next, Math.min(to, next + pageMessages));
  }

  /**
   * The effects that were announced when there were more than `after` messages, in their order.
   * @param inJournal those of the journal itself, where they are known already
   */
  effects(after = -1, inJournal = this.journalEffects()): EffectRecord[] {
    const found = new Map<string, EffectRecord>();
    for (const part of this.#deps.sealed()) {
      if (part.end <= after) continue;
      for (const { kind, json } of this.#sealedRecords(part)) {
        if (kind !== 'intent') continue;
        const effect = JSON.parse(json) as EffectRecord;
        if (effect.at > after && effect.at <= part.end) found.set(effect.toolCallId, effect);
      }
    }
    for (const effect of inJournal.values()) if (effect.at > after) found.set(effect.toolCallId, effect);
    return [...found.values()].sort((a, b) => a.at - b.at);
  }

  /** An approval request as it stood last; undefined when there was none with this id. */
  approval(approvalId: string): ApprovalRecord | undefined {
    return this.approvals((candidate) => candidate === approvalId).get(approvalId);
  }

  /** Approvals of the journal, and with `sealed` also those of sealed files, whose id is wanted. */
  approvals(wanted: (approvalId: string) => boolean, sealed = true): Map<string, ApprovalRecord> {
    const found = new Map<string, ApprovalRecord>();
    const take = ({ kind, json }: Pick<RawRecord, 'kind' | 'json'>): void => {
      if (kind !== 'approval') return;
      const record = JSON.parse(json) as ApprovalRecord;
      if (wanted(record.request.approvalId)) found.set(record.request.approvalId, record);
    };
    for (const part of sealed ? this.#deps.sealed() : []) for (const record of this.#sealedRecords(part)) take(record);
    for (const record of this.#journalRecords()) take(record);
    return found;
  }

  /** The effects whose records are in the journal itself, by call. */
  journalEffects(): ReadonlyMap<string, EffectRecord> {
    const effects = new KnownEffects();
    let messages = 0;
    let coveredSeq = 0;
    for (const { kind, json } of this.#journalRecords()) {
      if (kind === 'sealed') messages = (JSON.parse(json) as SealedPart).end;
      else if (kind === 'checkpoint') coveredSeq = (JSON.parse(json) as { lastSeq: number }).lastSeq;
      else if (kind === 'intent') effects.announce(JSON.parse(json) as PrivateRecords['intent'], messages);
      else if (kind === 'outcome') {
        const { toolCallId, proof } = JSON.parse(json) as PrivateRecords['outcome'];
        effects.prove(toolCallId, proof);
      } else if (kind === 'message') messages += 1;
      else if (kind === 'event' && seqOf(json) > coveredSeq) {
        if (holdsMessage(kind, json)) messages += 1;
        if (typeOf(json) !== 'session_rewound') continue;
        messages = (JSON.parse(json) as { payload: { messages: number } }).payload.messages;
        effects.truncate(messages);
      }
    }
    return effects.all();
  }

  /** Names of sealed files that are missing or not, byte by byte, what was sealed. Reads each of them whole. */
  damaged(): string[] {
    return this.#deps
      .sealed()
      .filter((part) => !isSealed(this.pathOf(part.name), this.#deps.files, part))
      .map(({ name }) => name);
  }

  #messagesAt({ segment, offset, skip, count }: MessagePlace): ConversationMessage[] {
    const { format } = this.#deps.journal();
    const migrate = segment === undefined ? migrationFrom(format) : undefined;
    return this.#read(segment, (readAt, length) => {
      const found: ConversationMessage[] = [];
      const mark = segment === undefined ? undefined : Math.floor(skip / messagesPerMark);
      let left = mark === undefined ? skip : skip - mark * messagesPerMark;
      const from = mark === undefined ? offset : (this.#marksOf(segment!, readAt, length)[mark] ?? length);
      for (const record of recordsFrom(readAt, from, length)) {
        if (!holdsMessage(record.kind, record.json)) continue;
        if (left > 0) left -= 1;
        else {
          const { kind, json } = migrate?.(record.kind, record.json) ?? record;
          found.push(messageIn(kind, json));
        }
        if (found.length === count) break;
      }
      return found;
    });
  }

  /** Positions in a sealed file of every message whose number there is a multiple of `messagesPerMark`; looked for once. */
  #marksOf(segment: string, readAt: (position: number, length: number) => Buffer, length: number): readonly number[] {
    const known = this.#marks.get(segment);
    if (known !== undefined) return known;
    const marks: number[] = [];
    let messages = 0;
    for (const { kind, offset } of recordsFrom(readAt, 0, length)) {
      if (kind !== 'message') continue;
      if (messages % messagesPerMark === 0) marks.push(offset);
      messages += 1;
    }
    this.#marks.set(segment, marks);
    return marks;
  }

  *#journalRecords(): Generator<Pick<RawRecord, 'kind' | 'json'>> {
    const { length, format, readAt } = this.#deps.journal();
    const migrate: Migration = migrationFrom(format);
    for (const { kind, json } of recordsFrom(readAt, 0, length)) yield migrate(kind, json);
  }

  #sealedRecords({ name }: SealedPart): RawRecord[] {
    return this.#read(name, (readAt, length) =>
      [...recordsFrom(readAt, 0, length)].filter(({ kind }) => kind === 'intent' || kind === 'approval'),
    );
  }

  /** Reads in the journal, or in a sealed file that is opened for it; one that is missing is as good as empty. */
  #read<T>(
    segment: string | undefined,
    read: (readAt: (position: number, length: number) => Buffer, length: number) => T,
  ): T {
    if (segment === undefined) {
      const { length, readAt } = this.#deps.journal();
      return read(readAt, length);
    }
    const { files } = this.#deps;
    const path = this.pathOf(segment);
    const fd = openExisting(files, path);
    if (fd === undefined) return read(() => Buffer.alloc(0), 0);
    try {
      return read((position, length) => files.readAt(fd, position, length), Number.MAX_SAFE_INTEGER);
    } finally {
      files.close(fd);
    }
  }

  #unreadable(): JournalUnavailableError {
    return new JournalUnavailableError(this.#deps.path, Object.assign(new Error('unreadable'), { code: 'EIO' }));
  }
}

/** Whether a record adds a message to the conversation. Pure. */
export function holdsMessage(kind: string, json: string): boolean {
  if (kind === 'message') return true;
  if (kind !== 'event') return false;
  const type = typeOf(json);
  return type === 'message_completed' || type === 'user_message';
}

/** The type of an event from its JSON text, in which only ids and numbers come before it. Pure. */
export function typeOf(json: string): string {
  return /"eventType":"([^"]*)"/.exec(json)?.[1] ?? '';
}

/** The sequence of an event from its JSON text; NaN when there is none. Pure. */
export function seqOf(json: string): number {
  return Number(/"seq":(\d+)/.exec(json)?.[1]);
}

function messageIn(kind: string, json: string): ConversationMessage {
  if (kind === 'message') return JSON.parse(json) as ConversationMessage;
  return messageOf(JSON.parse(json) as SessionEvent)!;
}

/** What stands for a message that can't be read, so that the numbers of all others stay true. Pure. */
function lostMessage(number: number): ConversationMessage {
  return {
    messageId: `msg_${String(number).padStart(26, '0')}`,
    sessionId: '',
    role: 'assistant',
    content: '[This message can not be read any more: the file that held it is damaged.]',
    timestamp: '1970-01-01T00:00:00.000Z',
    provenance: { source: 'runtime', trust: 'trusted' },
  };
}

function openExisting(files: JournalFiles, path: string): number | undefined {
  try {
    return files.openExisting(path);
  } catch (error) {
    throw new JournalUnavailableError(path, error);
  }
}
