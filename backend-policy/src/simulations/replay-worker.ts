import { parentPort, workerData } from 'node:worker_threads';
import type { PolicyContent } from '@steward/contracts';
import { preloadCommandParser } from '@steward/policy-engine';
import type { RecordedGroup } from './action-source.ts';
import { Replay } from './replay.ts';
import type { ReplayOptions } from './replay.ts';

const port = parentPort!;
const { policy, options } = workerData as { policy: PolicyContent; options: ReplayOptions };
await preloadCommandParser();
const replay = new Replay(policy, options);
port.on('message', ({ batch }: { batch?: readonly RecordedGroup[] }) => {
  for (const group of batch ?? []) replay.add(group);
  port.postMessage({ replayed: replay.replayed, ...(batch === undefined ? { result: replay.result() } : {}) });
});
port.postMessage({ ready: true });
