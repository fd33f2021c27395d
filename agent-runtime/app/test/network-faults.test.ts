import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { PendingApproval } from '@steward/contracts';
import { buildBundle } from './support/build-bundle.ts';
import { FaultProxy } from './support/fault-proxy.ts';
import type { RuntimeProcess } from './support/runtime-process.ts';
import { RuntimeWorld, startTask } from './support/runtime-world.ts';

let world: RuntimeWorld;
let proxy: FaultProxy;
beforeAll(buildBundle);
afterEach(async () => {
  await proxy.stop();
  await world.stop();
});

const local = new Set(['text_chunk', 'tool_output_chunk', 'outbox_changed', 'stream_gap', 'patch_updated']);

/** Lets everything be tried again at once, as often as it takes. */
async function drain(runtime: RuntimeProcess, sessionId: string): Promise<void> {
  for (;;) {
    const { outbox } = await runtime.peer.request('GetSessionState', { sessionId });
    if (outbox?.waiting === 0) return;
    await runtime.peer.request('SetCredentials', { accessToken: world.services.accessToken });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('a network that loses, delays, repeats and reorders', () => {
  it.each([1, 2, 3])('keeps every record of a task once, with seed %i', async (seed) => {
    world = await RuntimeWorld.create();
    proxy = await FaultProxy.start(world.services.base, seed);
    world.gateway.say((_request, index) =>
      index < 6
        ? { calls: [{ name: 'WriteFile', arguments: { path: `${index}.txt`, content: `${index}\n` } }] }
        : index === 6
          ? { calls: [{ name: 'RunCommand', arguments: { command: 'node -e "console.log(7)"' } }] }
          : { text: 'All written.' },
    );
    const { runtime, sessionId } = await world.startSession(proxy.before(world.services.env));
    proxy.share = 0.5;
    const taskId = await startTask(runtime, sessionId, 'Write');
    const { approval } = (await runtime.event('approval_requested')).payload as { approval: PendingApproval };
    await runtime.peer.request('ApproveAction', {
      approvalId: approval.approvalId,
      actionDigest: approval.actionDigest,
      decision: 'approved',
    });
    const end = await runtime.ended(taskId);
    for (let again = 0; again < 8; again += 1)
      await runtime.ended(await startTask(runtime, sessionId, `Once more, ${again}`));

    await drain(runtime, sessionId);
    const { events } = await runtime.peer.request('GetEvents', { sessionId, fromSeq: 1, limit: 1_000 });
    const { items } = await runtime.peer.request('GetMessages', { sessionId, limit: 200 });

    const stored = [...world.services.events.values()].map(({ payload }) => (payload as { seq: number }).seq);
    const audited = events.filter(({ eventType }) => !local.has(eventType)).map(({ seq }) => seq);
    expect(end.eventType).toBe('task_completed');
    expect(stored).toEqual(audited.slice(0, stored.length));
    expect(audited.slice(stored.length)).toEqual([]);
    expect([...world.services.tasks.values()].map(({ status }) => status)).toEqual(Array(9).fill('TASK_COMPLETED'));
    expect([...world.services.approvals.values()]).toMatchObject([
      { approvalId: approval.approvalId, status: 'approved' },
    ]);
    expect(world.services.historyOf(sessionId)?.messages.map(({ messageId }) => messageId)).toEqual(
      items.map(({ messageId }) => messageId),
    );
    expect(world.services.conflicts).toEqual([]);
    for (let index = 0; index < 6; index += 1)
      expect(readFileSync(join(world.project, `${index}.txt`), 'utf8')).toBe(`${index}\n`);
    expect(proxy.hit.size).toBeGreaterThan(3);
  });
});
