import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { buildBundle } from './support/build-bundle.ts';
import { RuntimeWorld, startTask } from './support/runtime-world.ts';

let world: RuntimeWorld;
let otherHome: string;
beforeAll(buildBundle);
beforeEach(async () => {
  world = await RuntimeWorld.create([{ text: 'Never finished', stallAfter: 3 }]);
  otherHome = realpathSync(mkdtempSync(join(tmpdir(), 'steward-other-home-')));
});
afterEach(async () => {
  await world.stop();
  rmSync(otherHome, { recursive: true, force: true });
});

/** The home as it would reach another machine: everything but the lock, which means nothing there. */
function copyHome(): void {
  cpSync(world.home, otherHome, { recursive: true, filter: (path) => !/\/lock$|\.sock$/.test(path) });
}

describe('two runtimes and one conversation', () => {
  it('refuses the second one, from another home, and says where the conversation is open and since when', async () => {
    const { runtime, sessionId } = await world.startSession();
    await startTask(runtime, sessionId, 'Talk');
    await runtime.event('text_chunk');
    copyHome();
    const second = await world.start({ STEWARD_HOME: otherHome });

    const refused = second.peer.request('ResumeSession', { sessionId });

    await expect(refused).rejects.toMatchObject({
      code: 'LEASE_LOST',
      details: { machineName: hostname().slice(0, 100), since: expect.any(String) },
    });
  });

  it('lets the next one on the same machine take over from one that crashed, at once, and still refuses others', async () => {
    const { runtime, sessionId } = await world.startSession();
    const taskId = await startTask(runtime, sessionId, 'Talk');
    await runtime.event('text_chunk');
    await runtime.kill();
    copyHome();
    world.gateway.say([{ text: 'Finished.' }]);
    const next = await world.start();

    await next.peer.request('ResumeSession', { sessionId });
    const end = await next.ended(taskId);
    const elsewhere = await world.start({ STEWARD_HOME: otherHome });
    const refused = elsewhere.peer.request('ResumeSession', { sessionId });

    expect(end.eventType).toBe('task_completed');
    await expect(refused).rejects.toMatchObject({ code: 'LEASE_LOST' });
  });

  it('lets another one go on once the first has stopped in order', async () => {
    const { runtime, sessionId } = await world.startSession();
    const taskId = await startTask(runtime, sessionId, 'Talk');
    await runtime.event('text_chunk');
    await runtime.stop();
    copyHome();
    world.gateway.say([{ text: 'Finished.' }]);
    const second = await world.start({ STEWARD_HOME: otherHome });

    await second.peer.request('ResumeSession', { sessionId });
    const end = await second.ended(taskId);

    expect(end.eventType).toBe('task_completed');
  });
});
