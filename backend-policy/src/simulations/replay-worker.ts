import { getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { preloadCommandParser } from '@steward/policy-engine';
import { StewardError } from '@steward/sdk';
import { createAuditSource } from './action-source.ts';
import type { RecordedGroup } from './action-source.ts';
import { handOut } from './hand-out.ts';
import type { Lane } from './hand-out.ts';
import { Replay } from './replay.ts';
import type { DecideOrder, FromThread, ReadOrder } from './replay-threads.ts';

/** To a thread that decides: a share of the actions, or that there are no more. It says of each share when it is done. */
interface ToDecider {
  readonly share?: RecordedGroup[];
}

const tell = (message: FromThread): void => parentPort!.postMessage(message);

async function decideShares({ policy, options, replays, lane }: DecideOrder): Promise<void> {
  await preloadCommandParser();
  const replay = new Replay(policy, options, { replays });
  lane.on('message', ({ share }: ToDecider) => {
    if (share === undefined) return tell({ kind: 'part', part: replay.part() });
    for (const group of share) replay.add(group);
    tell({ kind: 'replayed', replayed: replay.replayed });
    lane.postMessage(null);
  });
}

function laneTo(port: MessagePort): Lane {
  const waiting: (() => void)[] = [];
  port.on('message', () => waiting.shift()?.());
  return (share) =>
    new Promise((resolve) => {
      waiting.push(resolve);
      port.postMessage({ share } satisfies ToDecider);
    });
}

async function readAll({ query, accessToken, auditBaseUrl, lanes }: ReadOrder): Promise<void> {
  const batches = createAuditSource({ baseUrl: auditBaseUrl }).read(query, accessToken, new AbortController().signal);
  try {
    await handOut(batches, lanes.map(laneTo), ({ read = 0, fraction = 0 }) => tell({ kind: 'read', read, fraction }));
  } catch (error) {
    if (!(error instanceof StewardError)) throw error;
    // Its class does not pass from thread to thread.
    return tell({ kind: 'failed', code: error.code, message: error.message });
  }
  for (const port of lanes) port.postMessage({} satisfies ToDecider);
}

/** Requests come first. On Linux a priority is of the thread; elsewhere it would be of the whole service. */
function stepBack(): void {
  if (process.platform === 'linux') setPriority(Math.min(19, getPriority() + 5));
}

const order = workerData as ReadOrder | DecideOrder;
stepBack();
await (order.role === 'read' ? readAll(order) : decideShares(order));
