import { StewardError } from '@steward/sdk';
import type { RecordKind } from './record-codec.ts';

/** Format of the records that this version writes; stands in the header of every journal. */
export const journalFormat = 2;

/** One step forward: the same record in the next format. Given the records of one file in order, from the first on. */
export type Migration = (kind: RecordKind, json: string) => { readonly kind: RecordKind; readonly json: string };

/**
 * The way forward from each older format: the entry of format N makes records of format N + 1. A change of what a
 * record means adds an entry here and a file of the old format to the tests; a journal is migrated while it is read,
 * and its file becomes one of the new format with the next compaction.
 */
const migrations: ReadonlyMap<number, () => Migration> = new Map([[1, withPlaces]]);

/**
 * The way from a format to the present one, as one function for one reading of a file from its first record on.
 * @throws CONFLICT for a format that this version does not know; nothing has been changed then
 */
export function migrationFrom(
  format: number,
  known: ReadonlyMap<number, () => Migration> = migrations,
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
    steps.push(step());
  }
  return (kind, json) => steps.reduce((record, step) => step(record.kind, record.json), { kind, json });
}

/**
 * Format 2 says of an effect and of a task's goal how many messages came before, since messages may be elsewhere. Only a
 * snapshot of format 1 leaves that open: there all messages stand before them, and it ends with its checkpoint.
 */
function withPlaces(): Migration {
  const afterStep = new Map<string, number>();
  const ofTask = new Map<string, number>();
  let messages = 0;
  let inSnapshot = true;
  return (kind, json) => {
    if (!inSnapshot) return { kind, json };
    if (kind === 'message') {
      const { stepId = '', taskId = '' } = JSON.parse(json) as { stepId?: string; taskId?: string };
      if (!ofTask.has(taskId)) ofTask.set(taskId, messages);
      messages += 1;
      if (!afterStep.has(stepId)) afterStep.set(stepId, messages);
    } else if (kind === 'intent') {
      const effect = JSON.parse(json) as { stepId: string; at?: number };
      const at = afterStep.get(effect.stepId);
      if (at !== undefined) return { kind, json: JSON.stringify({ ...effect, at }) };
    } else if (kind === 'checkpoint') {
      inSnapshot = false;
      const checkpoint = JSON.parse(json) as { task?: { taskId: string } };
      const goalIndex = ofTask.get(checkpoint.task?.taskId ?? '');
      if (checkpoint.task !== undefined && goalIndex !== undefined)
        return { kind, json: JSON.stringify({ ...checkpoint, task: { ...checkpoint.task, goalIndex } }) };
    }
    return { kind, json };
  };
}
