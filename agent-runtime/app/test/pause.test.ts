import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { buildBundle } from './support/build-bundle.ts';
import { RuntimeWorld, startTask } from './support/runtime-world.ts';

let world: RuntimeWorld;
beforeAll(buildBundle);
beforeEach(async () => {
  world = await RuntimeWorld.create();
});
afterEach(() => world.stop());

describe('a runtime whose gateway is down', () => {
  it('pauses, and completes the task without a click once the gateway is back', async () => {
    world.write('a.txt', 'x\n');
    world.gateway.say((_request, index) =>
      index === 0
        ? { calls: [{ name: 'ReadFile', arguments: { path: 'a.txt' } }] }
        : { status: 503, headers: { 'retry-after': '0' } },
    );
    const { runtime, sessionId } = await world.startSession();
    const taskId = await startTask(runtime, sessionId, 'Read it');
    await runtime.event('session_paused');

    world.gateway.say([{ text: 'Read.' }]);
    const end = await runtime.ended(taskId);

    expect(end).toMatchObject({ eventType: 'task_completed', payload: { stepCount: 2 } });
    expect(
      runtime.events
        .map(({ eventType }) => eventType)
        .filter((type) => /^session_(paused|resumed)$|^task_completed$/.test(type)),
    ).toEqual(['session_paused', 'session_resumed', 'task_completed']);
  });
});
