import { MessageChannel, Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type { ErrorCode, SimulationResult } from '@steward/contracts';
import { StewardError } from '@steward/sdk';
import type { NoteProgress } from './hand-out.ts';
import { resultOf } from './replay-part.ts';
import type { ReplayPart } from './replay-part.ts';
import type { ReplayRecorded, ReplayTask } from './replay-recorded.ts';

/** What a thread that reads begins with. */
export interface ReadOrder extends Pick<ReplayTask, 'query' | 'accessToken'> {
  readonly role: 'read';
  readonly auditBaseUrl: string;
  readonly lanes: readonly MessagePort[];
}

/** What a thread that decides begins with. */
export interface DecideOrder extends Pick<ReplayTask, 'policy' | 'options'> {
  readonly role: 'decide';
  readonly replays: number;
  readonly lane: MessagePort;
}

/** What threads tell the service; a part is the last word of a thread that decides. */
export type FromThread =
  | { readonly kind: 'read'; readonly read: number; readonly fraction: number }
  | { readonly kind: 'replayed'; readonly replayed: number }
  | { readonly kind: 'part'; readonly part: ReplayPart }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string };

/** Where threads come from and how many there may be. */
export interface ThreadOptions {
  /** The program of `replay-worker.ts`. */
  readonly program: URL;
  readonly auditBaseUrl: string;
  /** Threads that decide for one simulation, at least one; another reads. */
  readonly deciding: number;
}

/**
 * In threads of its own: one reads, and some decide, each on its share of the actions. A replay that starts beside
 * another has one that decides. When a thread fails or ends too early the replay fails as a whole.
 */
export function replayInThreads({ program, auditBaseUrl, deciding }: ThreadOptions): ReplayRecorded {
  let running = 0;
  return async (task, signal, note) => {
    signal.throwIfAborted();
    const threads = new ReplayThreads(program, task, auditBaseUrl, running === 0 ? deciding : 1);
    running += 1;
    try {
      return await threads.result(signal, note);
    } finally {
      await threads.end();
      running -= 1;
    }
  };
}

/** The threads of one replay. */
class ReplayThreads {
  readonly #task: ReplayTask;
  readonly #reader: Worker;
  readonly #deciders: readonly Worker[];

  constructor(program: URL, task: ReplayTask, auditBaseUrl: string, replays: number) {
    const { policy, options, query, accessToken } = task;
    const start = (workerData: ReadOrder | DecideOrder, transferList: readonly MessagePort[]): Worker =>
      new Worker(program, { workerData, transferList: [...transferList] });
    const channels = Array.from({ length: replays }, () => new MessageChannel());
    this.#task = task;
    this.#deciders = channels.map(({ port2: lane }) =>
      start({ role: 'decide', policy, options, replays, lane }, [lane]),
    );
    const lanes = channels.map(({ port1 }) => port1);
    this.#reader = start({ role: 'read', query, accessToken, auditBaseUrl, lanes }, lanes);
  }

  /** Resolves when every thread that decides has told its whole part. */
  result(signal: AbortSignal, note: NoteProgress): Promise<SimulationResult> {
    return new Promise((resolve, reject) => {
      const parts = new Map<Worker, ReplayPart>();
      const replayed = new Map<Worker, number>();
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      for (const thread of [this.#reader, ...this.#deciders]) {
        thread.on('error', (cause) => reject(stopped({ cause })));
        thread.on('exit', () => reject(stopped()));
        thread.on('message', (message: FromThread) => {
          if (message.kind === 'failed') return reject(new StewardError(message.code, message.message));
          if (message.kind === 'read') return note({ read: message.read, fraction: message.fraction });
          if (message.kind === 'replayed') {
            replayed.set(thread, message.replayed);
            return note({ replayed: [...replayed.values()].reduce((sum, one) => sum + one, 0) });
          }
          parts.set(thread, message.part);
          if (parts.size === this.#deciders.length) resolve(resultOf([...parts.values()], this.#task.options));
        });
      }
    });
  }

  /** Stops all, whatever they do, and resolves when they have stopped. */
  async end(): Promise<void> {
    await Promise.all([this.#reader, ...this.#deciders].map((thread) => thread.terminate()));
  }
}

function stopped(options: { readonly cause?: unknown } = {}): StewardError {
  return new StewardError(
    'INTERNAL_ERROR',
    'A part of the simulation stopped before its end, so that nothing of it counts. Start it again.',
    options,
  );
}
