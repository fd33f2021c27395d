import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { PolicyContent, SimulationResult } from '@steward/contracts';
import type { RecordedGroup } from './action-source.ts';
import { Replay } from './replay.ts';
import type { ReplayOptions } from './replay.ts';

/** Replays batches beside what the service does. Its owner ends it. */
export interface Replayer {
  /** Resolves with the number replayed so far, when the batch was taken up. */
  add(batch: readonly RecordedGroup[]): Promise<number>;
  result(): Promise<SimulationResult>;
  end(): Promise<void>;
}

/** Makes the replayer of one simulation. */
export type OpenReplayer = (policy: PolicyContent, options: ReplayOptions) => Promise<Replayer>;

const sliceMs = 8;

/** In the service's own thread, in slices that leave room for requests between them. */
export const openInlineReplayer: OpenReplayer = async (policy, options) => {
  const replay = new Replay(policy, options);
  return {
    add: async (batch) => {
      let began = performance.now();
      for (const item of batch) {
        replay.add(item);
        if (performance.now() - began < sliceMs) continue;
        await nextTurn();
        began = performance.now();
      }
      return replay.replayed;
    },
    result: async () => replay.result(),
    end: async () => undefined,
  };
};

interface FromWorker {
  readonly ready?: true;
  readonly replayed?: number;
  readonly result?: SimulationResult;
}

/** In a thread of its own, made of the program at `url`. */
export function workerReplayer(url: URL): OpenReplayer {
  return async (policy, options) => {
    const worker = new Worker(url, { workerData: { policy, options } });
    const waiting: { resolve: (message: FromWorker) => void; reject: (error: unknown) => void }[] = [];
    const fail = (error: unknown): void => {
      for (const one of waiting.splice(0)) one.reject(error);
    };
    worker.on('message', (message: FromWorker) => waiting.shift()?.resolve(message));
    worker.on('error', fail);
    worker.on('exit', () => fail(new Error('The thread of the simulation ended.')));
    const answer = (): Promise<FromWorker> => new Promise((resolve, reject) => void waiting.push({ resolve, reject }));
    await answer();
    const ask = (message: object): Promise<FromWorker> => {
      const answered = answer();
      worker.postMessage(message);
      return answered;
    };
    return {
      add: async (batch) => (await ask({ batch })).replayed ?? 0,
      result: async () => (await ask({})).result!,
      end: async () => {
        await worker.terminate();
      },
    };
  };
}
