import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PolicyContent, SimulationResult } from '@steward/contracts';
import type { ActionQuery, ActionSource, RecordedGroup } from './action-source.ts';
import { handOut } from './hand-out.ts';
import type { NoteProgress } from './hand-out.ts';
import { Replay } from './replay.ts';
import type { ReplayOptions } from './replay.ts';

/** Which recorded actions a policy is asked about, and as whom they are read. */
export interface ReplayTask {
  readonly policy: PolicyContent;
  readonly options: ReplayOptions;
  readonly query: ActionQuery;
  readonly accessToken: string;
}

/**
 * Reads recorded actions and asks a policy about each, until all are counted. Rejects when it could not be told of every
 * one of them, and when `signal` aborts: there are no partial results. Nothing of it runs any more once it has settled.
 */
export type ReplayRecorded = (task: ReplayTask, signal: AbortSignal, note: NoteProgress) => Promise<SimulationResult>;

const sliceMs = 8;

/** In the caller's own thread, in slices that leave room for other work between them. */
export function replayInline(actions: ActionSource): ReplayRecorded {
  return async ({ policy, options, query, accessToken }, signal, note) => {
    const replay = new Replay(policy, options);
    const take = async (groups: RecordedGroup[]): Promise<void> => {
      let began = performance.now();
      for (const group of groups) {
        replay.add(group);
        if (performance.now() - began < sliceMs) continue;
        await nextTurn();
        began = performance.now();
      }
      note({ replayed: replay.replayed });
    };
    await handOut(actions.read(query, accessToken, signal), [take], note);
    signal.throwIfAborted();
    return replay.result();
  };
}
