import type { ClientInfo } from '@steward/contracts';
import { journalFormat } from '../journal/journal-format.ts';
import { readRecord } from '../journal/record-codec.ts';
import type { RawRecord } from '../journal/record-codec.ts';
import { seqOf } from './session-log.ts';
import type { SessionFacts } from './session-state.ts';

/** What the first and the last records of a journal say of its session. */
export interface JournalEnds {
  readonly clientInfo: ClientInfo;
  /** Of the last event that can be read. */
  readonly lastSeq: number;
}

const tailBytes = 64 * 1024;
const newline = 0x0a;

/**
 * Looks at both ends of a journal's content, so that a service can be asked while the rest is read. Only records that fit
 * their checksums count; undefined where they don't say enough, and for another format. What lies between may be
 * damaged: what is found has to be compared with what the opening finds. Pure.
 */
export function journalEnds(data: Buffer): JournalEnds | undefined {
  const clientInfo = clientIn(data);
  const lastSeq = clientInfo === undefined ? undefined : lastSeqIn(data.subarray(-tailBytes));
  return clientInfo === undefined || lastSeq === undefined ? undefined : { clientInfo, lastSeq };
}

function clientIn(head: Buffer): ClientInfo | undefined {
  const header = readRecord(head, 0);
  if (header?.kind !== 'header' || (JSON.parse(header.json) as { format: number }).format !== journalFormat)
    return undefined;
  const session = readRecord(head, header.end);
  if (session?.kind !== 'session') return undefined;
  return (JSON.parse(session.json) as SessionFacts).params.clientInfo;
}

function lastSeqIn(tail: Buffer): number | undefined {
  let last: RawRecord | undefined;
  for (let at = 0; at < tail.length;) {
    const record = readRecord(tail, at);
    if (record?.kind === 'event' || record?.kind === 'chunk') last = record;
    const next = record?.end ?? tail.indexOf(newline, at) + 1;
    if (next <= at) break;
    at = next;
  }
  const seq = last === undefined ? Number.NaN : seqOf(last.json);
  return Number.isSafeInteger(seq) ? seq : undefined;
}
