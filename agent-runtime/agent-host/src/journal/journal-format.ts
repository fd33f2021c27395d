import { StewardError } from '@steward/sdk';
import type { RecordKind } from './record-codec.ts';

/** Format of the records that this version writes; stands in the header of every journal. */
export const journalFormat = 1;

/** One step forward: the same record in the next format. */
export type Migration = (kind: RecordKind, json: string) => { readonly kind: RecordKind; readonly json: string };

/**
 * The way forward from each older format: the entry of format N makes records of format N + 1. A change of what a
 * record means adds an entry here and a file of the old format to the tests; a journal is migrated while it is read,
 * and its file becomes one of the new format with the next compaction.
 */
const migrations: ReadonlyMap<number, Migration> = new Map();

/**
 * The way from a format to the present one, as one function.
 * @throws CONFLICT for a format that this version does not know; nothing has been changed then
 */
export function migrationFrom(
  format: number,
  known: ReadonlyMap<number, Migration> = migrations,
  target = journalFormat,
): Migration {
  if (format > target) {
    throw new StewardError(
      'CONFLICT',
      `This conversation was written by a newer Steward (journal format ${format}, this version reads up to ${target}). Update Steward to open it; the file was left as it is.`,
      { details: { format, supported: target } },
    );
  }
  const steps: Migration[] = [];
  for (let from = format; from < target; from += 1) {
    const step = known.get(from);
    if (step === undefined)
      throw new StewardError(
        'CONFLICT',
        `The journal format ${format} of this conversation can't be read any more. The file was left as it is.`,
        { details: { format, supported: target } },
      );
    steps.push(step);
  }
  return (kind, json) => steps.reduce((record, step) => step(record.kind, record.json), { kind, json });
}
