import type {
  Checkpoint,
  GetCheckpointsParams,
  GetCheckpointsResult,
  IrreversibleEffect,
  RewindFile,
  RewindParams,
  RewindPlan,
  RewindResult,
} from '@steward/contracts';
import { StewardError, digestOf } from '@steward/sdk';
import type { FileReturn, ToolRouter } from '@steward/tool-port';
import { pageStart } from '../rpc/page-start.ts';
import { replayEffects } from '../session/replay-effects.ts';
import type { BegunRewind, EffectRecord } from '../session/session-state.ts';
import type { SessionStore } from '../session/session-store.ts';
import type { Thread } from '../thread/thread.ts';
import { findPlace, placesIn } from './checkpoints.ts';

const defaultPage = 100;

/** What going back needs. */
export interface RewinderDeps {
  readonly store: SessionStore;
  readonly tools: ToolRouter;
  readonly thread: Thread;
}

interface Prepared {
  readonly plan: RewindPlan;
  readonly kept: number;
  readonly place: BegunRewind['place'];
  readonly returns: readonly FileReturn[];
}

/**
 * Returns a conversation and its files to an earlier checkpoint. What will be done is written to the journal before
 * the first file changes, and each file goes back by itself, so that a killed return is finished at the next opening
 * and never stops half-way. The events before it stay as they were: only what comes next is different.
 */
export class Rewinder {
  readonly #deps: RewinderDeps;

  constructor(deps: RewinderDeps) {
    this.#deps = deps;
  }

  /** A page of the places to return to, newest first. */
  checkpoints({ cursor, limit = defaultPage }: GetCheckpointsParams): GetCheckpointsResult {
    const { store } = this.#deps;
    const start = pageStart('GetCheckpoints', cursor);
    const newest: Checkpoint[] = [];
    let count = 0;
    for (const { checkpoint } of placesIn(store.messagesFrom(), store.sessionId)) {
      newest.push(checkpoint);
      count += 1;
      // Not one by one: moving a long list is dear.
      if (newest.length >= 2 * (start + limit)) newest.splice(0, newest.length - start - limit);
    }
    const items = newest.reverse().slice(start, start + limit);
    return { items, ...(start + limit < count ? { nextCursor: String(start + limit) } : {}) };
  }

  /** What a return to a checkpoint would do and what it could not undo. Changes nothing. */
  async plan(checkpointId: string): Promise<RewindPlan> {
    return (await this.#prepare(checkpointId)).plan;
  }

  /**
   * Does what a plan says, once `settle` has ended whatever still waits. Repeating the last return answers as it did the first time.
   * @throws CONFLICT when the conversation or the files changed since the plan was made
   */
  async rewind(
    { checkpointId, planDigest, force = false }: RewindParams,
    settle: () => Promise<void>,
  ): Promise<RewindResult> {
    const { store } = this.#deps;
    const { lastRewind } = store.state;
    if (lastRewind?.planDigest === planDigest) return lastRewind.result;
    const { plan, kept, place, returns } = await this.#prepare(checkpointId);
    if (plan.planDigest !== planDigest)
      throw new StewardError(
        'CONFLICT',
        'The conversation or its files changed since this was looked at. Look at what would be undone again, then decide.',
        { details: { planDigest: plan.planDigest } },
      );
    await settle();
    store.record('rewinding', { checkpointId, planDigest, kept, place, force, returns });
    await store.sync();
    return this.finish();
  }

  /** Goes on with a return that was begun, at the next opening of the journal too. */
  async finish(): Promise<RewindResult> {
    const { store, tools, thread } = this.#deps;
    const begun = store.state.rewinding;
    if (begun === undefined) throw new StewardError('CONFLICT', 'No return to an earlier step has been begun.');
    const { checkpointId, kept, place, returns, force } = begun;
    const restored: string[] = [];
    const refused: { path: string; reason: string }[] = [];
    for (const file of returns) {
      const reason = await tools.patch.giveBack(file, force);
      if (reason === undefined) restored.push(file.path);
      else refused.push({ path: file.path, reason });
    }
    const result = { checkpointId, restored, refused, messages: kept };
    store.emit('session_rewound', { ...result, ...place });
    thread.truncate(kept);
    tools.patch.forget();
    replayEffects(store, tools);
    await store.sync();
    return result;
  }

  async #prepare(checkpointId: string): Promise<Prepared> {
    const { store, tools } = this.#deps;
    const found = findPlace(store.messagesFrom(), store.sessionId, checkpointId);
    if (found === undefined)
      throw new StewardError('NOT_FOUND', 'This conversation has no such checkpoint. Load the list again.', {
        details: { checkpointId },
      });
    const { checkpoint, kept } = found;
    // What is proved not to have happened needs no return.
    const undone = store.effects(kept).filter(({ proof }) => proof !== 'not_done');
    const { returns, rest } = await tools.patch.planReturn(undone.map(({ intent }) => intent));
    const restIds = new Set(rest.map(({ toolCallId }) => toolCallId));
    const stays = undone.filter(({ toolCallId }) => restIds.has(toolCallId));
    const staying = new Set(stays.map(({ toolCallId }) => toolCallId));
    const argumentsOf = new Map<string, Record<string, unknown>>();
    for (const { toolCalls = [] } of store.messagesFrom(kept))
      for (const call of toolCalls) if (staying.has(call.toolCallId)) argumentsOf.set(call.toolCallId, call.arguments);
    const irreversible = await Promise.all(
      stays.map((effect) => this.#irreversible(effect, argumentsOf.get(effect.toolCallId) ?? {})),
    );
    const files = returns.map(({ path, action, state }): RewindFile => ({ path, action, state }));
    const plan = { checkpointId, messagesRemoved: store.state.messages.length - kept, files, irreversible };
    return {
      plan: { ...plan, planDigest: digestOf({ ...plan, returns }) },
      kept,
      place: placeOf(checkpoint),
      returns,
    };
  }

  async #irreversible(effect: EffectRecord, args: Record<string, unknown>): Promise<IrreversibleEffect> {
    const { toolCallId, toolName, proof } = effect;
    const summary = await this.#deps.tools
      .describe(toolName, args)
      .then((description) => description.summary)
      .catch(() => toolName);
    return { toolCallId, toolName, summary: summary.slice(0, 2000), ...(proof === 'done' ? {} : { unknown: true }) };
  }
}

function placeOf({ kind, stepId, taskId }: Checkpoint): BegunRewind['place'] {
  if (kind === 'after_step') return stepId === undefined ? {} : { keptStepId: stepId };
  return taskId === undefined ? {} : { removedTaskId: taskId };
}
