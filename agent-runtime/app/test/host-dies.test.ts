import { once } from 'node:events';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { buildBundle } from './support/build-bundle.ts';
import type { RuntimeProcess } from './support/runtime-process.ts';
import { RuntimeWorld, runTask, startTask } from './support/runtime-world.ts';

let world: RuntimeWorld;
beforeAll(buildBundle);
beforeEach(async () => {
  world = await RuntimeWorld.create();
});
afterEach(() => world.stop());

/** What the system does when the process at the other end of all three pipes is killed. */
async function hostDies({ child }: RuntimeProcess): Promise<number | null> {
  const exited = once(child, 'exit');
  for (const stream of [child.stdout, child.stderr, child.stdin]) stream.destroy();
  const [code] = (await exited) as [number | null];
  return code;
}

describe('a runtime whose host was killed', () => {
  it('ends by itself while nothing is asked of it', async () => {
    world.gateway.say([{ text: 'Done.' }]);
    const { runtime, sessionId } = await world.startSession();
    await runTask(runtime, sessionId, 'Say something');

    expect(await hostDies(runtime)).toBe(0);
  });

  it('ends by itself while a person is asked', async () => {
    world.gateway.say([{ calls: [{ name: 'RunCommand', arguments: { command: 'node -e "1"' } }] }]);
    const { runtime, sessionId } = await world.startSession();
    await startTask(runtime, sessionId, 'Run');
    await runtime.event('approval_requested');

    expect(await hostDies(runtime)).toBe(0);
  });

  it('ends by itself while a command runs', async () => {
    const command = 'node -e "console.log(1); setTimeout(() => {}, 600_000)"';
    world.gateway.say([{ calls: [{ name: 'RunCommand', arguments: { command } }] }]);
    const { runtime, sessionId } = await world.startSession();
    await startTask(runtime, sessionId, 'Run');
    const asked = await runtime.event('approval_requested');
    const { approvalId, actionDigest } = asked.payload['approval'] as { approvalId: string; actionDigest: string };
    await runtime.peer.request('ApproveAction', { approvalId, actionDigest, decision: 'approved' });
    await runtime.event('tool_output_chunk');

    expect(await hostDies(runtime)).toBe(0);
  });
});
