import type { JournalFiles } from '../journal/journal-files.ts';
import type { RecordKind } from '../journal/record-codec.ts';
import { writeSegment } from '../journal/sealed-segment.ts';
import type { SessionLog } from './session-log.ts';
import type { SealedPart, SessionState } from './session-state.ts';

/** What sealing needs. */
export interface SealDeps {
  readonly state: SessionState;
  readonly log: SessionLog;
  readonly files: JournalFiles;
  /** First record of the file: what it is and whose. */
  readonly header: object;
}

/**
 * Writes the messages before the newest block that no sealed file holds yet to a new one, with the effects and approvals
 * of the journal that are no longer needed in memory. On the disk when it resolves; nothing refers to it then.
 * Undefined when there is nothing to seal. @throws JournalUnavailableError
 */
export async function sealMessages({ state, log, files, header }: SealDeps): Promise<SealedPart | undefined> {
  const first = state.sealed.at(-1)?.end ?? 0;
  const end = state.messages.length - state.messages.block.length;
  if (end <= first) return undefined;
  const number = state.lastPart + 1;
  const name = `part-${String(number).padStart(6, '0')}.sealed`;
  const seal = await writeSegment(log.pathOf(name), files, records({ state, log, header, first, end }));
  return { number, name, first, end, ...seal };
}

function* records({
  state,
  log,
  header,
  first,
  end,
}: Pick<SealDeps, 'state' | 'log' | 'header'> & { first: number; end: number }): Generator<{
  kind: RecordKind;
  json: string;
}> {
  yield { kind: 'header', json: JSON.stringify(header) };
  for (const message of log.messagesFrom(first, end)) yield { kind: 'message', json: JSON.stringify(message) };
  // One without a proof stays in the journal too; here it keeps its place among the others.
  for (const effect of log.journalEffects().values())
    if (effect.at <= end && (effect.at > first || effect.proof !== undefined))
      yield { kind: 'intent', json: JSON.stringify(effect) };
  const settled = log.approvals((approvalId) => !state.approvals.has(approvalId), false);
  for (const approval of settled.values()) yield { kind: 'approval', json: JSON.stringify(approval) };
}
