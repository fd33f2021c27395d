import type { SessionEvent } from '@steward/contracts';
import { journalFormat } from './journal-format.ts';
import { scanRecords } from './record-codec.ts';
import type { RawRecord } from './record-codec.ts';

/** One record of a journal, readable; contents are left out unless they were asked for. */
export interface InspectedRecord {
  readonly number: number;
  readonly kind: string;
  /** Position and length of its line in the file, in bytes. */
  readonly offset: number;
  readonly bytes: number;
  readonly seq?: number;
  readonly eventType?: string;
  readonly content: unknown;
}

/** What a journal holds and in which state it is. */
export interface JournalReport {
  /** `newer` is a format that this version does not read. */
  readonly state: 'whole' | 'torn' | 'damaged' | 'newer';
  readonly format?: number;
  readonly sessionId?: string;
  readonly createdAt?: string;
  readonly records: number;
  readonly byKind: Readonly<Record<string, number>>;
  /** First and last event that can be replayed from it; absent without events. */
  readonly firstSeq?: number;
  readonly lastSeq?: number;
  readonly totalBytes: number;
  /** Bytes from the start that are whole. */
  readonly validBytes: number;
  /** What is wrong, in sentences. */
  readonly problems: readonly string[];
}

/** Fields that say nothing of what people wrote and files hold. */
const plainFields = new Set([
  'actionDigest',
  'approvalId',
  'code',
  'createdAt',
  'decision',
  'eventId',
  'eventType',
  'finishReason',
  'format',
  'kind',
  'messageId',
  'method',
  'model',
  'proof',
  'role',
  'scope',
  'service',
  'sessionId',
  'source',
  'startedAt',
  'status',
  'stepId',
  'taskId',
  'timestamp',
  'toolCallId',
  'toolName',
  'trust',
  'waitsFor',
  'workspaceId',
]);

/** Below these, field names are not ours. */
const foreignTrees = new Set(['arguments', 'body', 'details', 'params', 'result', 'subject']);
const ourId = /^[a-z]{2,5}_[0-9A-Z]{26}$/;

/**
 * Verifies a journal and describes its records. Pure: the file is not touched.
 * @param visit gets every readable record in order
 * @param full with contents; without, every text that a person, a model or a file may have written is replaced by its length
 */
export function inspectJournal(
  data: Buffer,
  visit: (record: InspectedRecord) => void = () => undefined,
  full = false,
): JournalReport {
  const byKind: Record<string, number> = {};
  const problems: string[] = [];
  let header: { format: number; sessionId: string; createdAt: string; firstSeq: number } | undefined;
  let events = 0;
  const end = scanRecords(data, (record) => {
    byKind[record.kind] = (byKind[record.kind] ?? 0) + 1;
    const content = parsed(record, problems);
    if (record.kind === 'header') header = content as typeof header;
    else if (record.number === 0) problems.push('The file does not begin with a header.');
    const event = isEvent(record) ? (content as Partial<SessionEvent> | undefined) : undefined;
    if (isEvent(record)) {
      const due = (header?.firstSeq ?? 1) + events;
      if (event?.seq !== due)
        problems.push(`Record ${record.number} holds event ${String(event?.seq)} where ${due} was due.`);
      events += 1;
    }
    visit({
      number: record.number,
      kind: record.kind,
      offset: record.offset,
      bytes: record.end - record.offset,
      ...(event?.seq === undefined ? {} : { seq: event.seq }),
      ...(event?.eventType === undefined ? {} : { eventType: event.eventType }),
      content: full ? content : withoutTexts(content, ''),
    });
  });
  for (const position of end.repairs)
    problems.push(`The separator at byte ${position} is missing or wrong; the record before it is whole.`);
  if (end.state === 'torn')
    problems.push(
      `The last write did not reach the disk whole; ${data.length - end.validLength} bytes are cut off when it is opened. Nothing that was confirmed is in them.`,
    );
  if (end.state === 'damaged')
    problems.push(
      `The file is damaged at byte ${end.validLength}; ${data.length - end.validLength} bytes behind it are not readable.`,
    );
  const first = header?.firstSeq ?? 1;
  return {
    state: stateOf(end.state, header?.format, problems),
    ...(header === undefined
      ? {}
      : { format: header.format, sessionId: header.sessionId, createdAt: header.createdAt }),
    records: end.nextNumber,
    byKind,
    ...(events === 0 ? {} : { firstSeq: first, lastSeq: first + events - 1 }),
    totalBytes: data.length,
    validBytes: Math.min(end.validLength, data.length),
    problems,
  };
}

function stateOf(
  state: 'clean' | 'torn' | 'damaged',
  format: number | undefined,
  problems: readonly string[],
): JournalReport['state'] {
  if (format !== undefined && format > journalFormat) return 'newer';
  if (state === 'damaged') return 'damaged';
  if (state === 'torn') return 'torn';
  const onlySeparators = problems.every((problem) => problem.startsWith('The separator'));
  return problems.length === 0 ? 'whole' : onlySeparators ? 'torn' : 'damaged';
}

function isEvent({ kind }: RawRecord): boolean {
  return kind === 'event' || kind === 'chunk';
}

function parsed({ json, number }: RawRecord, problems: string[]): unknown {
  try {
    return JSON.parse(json);
  } catch {
    problems.push(`Record ${number} is whole but is no JSON.`);
    return undefined;
  }
}

function withoutTexts(value: unknown, field: string, foreign = false): unknown {
  if (typeof value === 'string')
    return (!foreign && plainFields.has(field)) || ourId.test(value) ? value : `[${value.length} characters]`;
  if (Array.isArray(value)) return value.map((item) => withoutTexts(item, field, foreign));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, withoutTexts(inner, name, foreign || foreignTrees.has(name))]),
  );
}
