import { parentPort, workerData } from 'node:worker_threads';
import type { PolicyContent } from '@steward/contracts';
import { preloadCommandParser } from '@steward/policy-engine';
import { Replay } from './replay.ts';
import type { RecordedDecision, ReplayOptions } from './replay.ts';

const port = parentPort!;
const { policy, options } = workerData as { policy: PolicyContent; options: ReplayOptions };
await preloadCommandParser();
const replay = new Replay(policy, options);
port.on('message', (message: { batch?: string }) => {
  const batch = JSON.parse(message.batch ?? '[]') as readonly RecordedDecision[];
  for (const item of batch) replay.add(item);
  port.postMessage({ replayed: replay.replayed, ...(message.batch === undefined ? { result: replay.result() } : {}) });
});
port.postMessage({ ready: true });
