import type { ConversationMessage } from '@steward/contracts';
import { StewardError } from '@steward/sdk';
import type { RecordKind } from '../journal/record-codec.ts';
import { applyPrivate, isPrivateKind } from './session-reducer.ts';
import type { PrivateRecords } from './session-reducer.ts';
import type { SealedPart, SessionState, TaskState } from './session-state.ts';

/** The part of the state that no other record of a compacted journal says. */
interface Checkpoint {
  readonly lastSeq: number;
  readonly task?: TaskState;
  readonly tasks: readonly (readonly [
    string,
    { status: TaskState['status']; stepCount: number; startedAt: string; endedAt?: string },
  ])[];
  readonly usage: SessionState['usage'];
  readonly pause?: SessionState['pause'];
  readonly auditedSeq: number;
  readonly untrustedRead: boolean;
  /** Absent in journals of before it was kept. */
  readonly secretRead?: boolean;
  readonly rewinding?: SessionState['rewinding'];
  readonly lastRewind?: SessionState['lastRewind'];
  readonly title?: SessionState['title'];
  readonly lastPart: number;
  readonly acceptedTasks: readonly string[];
  readonly reportedTask?: string;
  readonly outcomes: readonly (readonly [string, unknown])[];
  /** Absent in journals of before it was kept. */
  readonly told?: readonly string[];
}

/**
 * The records that stand for a state: applied to an empty one, they give an equal one.
 * @param sealed the files that hold every message before the newest block
 */
export function* snapshotRecords(
  state: SessionState,
  sealed: readonly SealedPart[],
): Generator<{ kind: RecordKind; json: string }> {
  const record = <K extends keyof PrivateRecords>(
    kind: K,
    value: PrivateRecords[K],
  ): { kind: RecordKind; json: string } => ({ kind, json: JSON.stringify(value) });
  if (state.facts !== undefined) yield record('session', state.facts);
  yield record('bundle', { jws: state.bundleJws, version: state.policyVersion });
  for (const part of sealed) yield record('sealed', part);
  for (const message of state.messages.block) yield record('message', message);
  if (state.summary !== undefined) yield record('summary', state.summary);
  for (const approval of state.approvals.values()) yield record('approval', approval);
  for (const grant of state.grants.values()) yield record('grant', grant);
  for (const effect of state.effects.values()) yield record('intent', effect);
  for (const item of state.outbox.values()) yield record('outbox', item);
  const checkpoint: Checkpoint = {
    lastSeq: state.lastSeq,
    ...(state.task === undefined ? {} : { task: state.task }),
    tasks: [...state.tasks],
    usage: state.usage,
    ...(state.pause === undefined ? {} : { pause: state.pause }),
    auditedSeq: state.auditedSeq,
    untrustedRead: state.untrustedRead,
    secretRead: state.secretRead,
    ...(state.rewinding === undefined ? {} : { rewinding: state.rewinding }),
    ...(state.lastRewind === undefined ? {} : { lastRewind: state.lastRewind }),
    ...(state.title === undefined ? {} : { title: state.title }),
    lastPart: sealed.reduce((last, { number }) => Math.max(last, number), state.lastPart),
    acceptedTasks: [...state.acceptedTasks],
    ...(state.reportedTask === undefined ? {} : { reportedTask: state.reportedTask }),
    outcomes: [...state.outcomes],
    told: [...state.told],
  };
  yield { kind: 'checkpoint', json: JSON.stringify(checkpoint) };
}

/** Applies a record of a snapshot or of normal work that is no event. */
export function applyRecord(state: SessionState, kind: RecordKind, value: unknown): void {
  if (kind === 'checkpoint') return applyCheckpoint(state, value as Checkpoint);
  if (!isPrivateKind(kind))
    throw new StewardError(
      'CONFLICT',
      `The journal of this conversation holds a record of the kind ${String(kind)}, which this version does not know. Update Steward to open it; the file was left as it is.`,
    );
  applyPrivate(state, kind as keyof PrivateRecords, value as ConversationMessage & never);
}

function applyCheckpoint(state: SessionState, checkpoint: Checkpoint): void {
  const { task, tasks, pause, acceptedTasks, outcomes, told = [], ...plain } = checkpoint;
  Object.assign(state, plain);
  state.task = task;
  state.pause = pause;
  for (const [taskId, facts] of tasks) state.tasks.set(taskId, facts);
  for (const taskId of acceptedTasks) state.acceptedTasks.add(taskId);
  for (const toolCallId of told) state.told.add(toolCallId);
  for (const [toolCallId, outcome] of outcomes) state.outcomes.set(toolCallId, outcome as never);
}
