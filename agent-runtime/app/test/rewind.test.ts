import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { buildBundle } from './support/build-bundle.ts';
import { RuntimeWorld, runTask } from './support/runtime-world.ts';

let world: RuntimeWorld;
beforeAll(buildBundle);
beforeEach(async () => {
  world = await RuntimeWorld.create();
});
afterEach(() => world.stop());

const file = (name: string): string => join(world.project, name);

/** A conversation that wrote a.txt in one task, and in the next changed it, made b.txt, deleted c.txt and ran `ls`. */
async function twoTasks() {
  writeFileSync(file('c.txt'), 'kept before\n');
  world.gateway.say([
    { calls: [{ name: 'WriteFile', arguments: { path: 'a.txt', content: 'one\n' } }] },
    { text: 'One.' },
  ]);
  const started = await world.startSession();
  await runTask(started.runtime, started.sessionId, 'Write one');
  world.gateway.say([
    {
      calls: [
        { name: 'WriteFile', arguments: { path: 'a.txt', content: 'two\n' } },
        { name: 'WriteFile', arguments: { path: 'b.txt', content: 'new\n' } },
        { name: 'RunCommand', arguments: { command: 'ls' } },
      ],
    },
    { calls: [{ name: 'EditFile', arguments: { path: 'a.txt', oldText: 'two', newText: 'three' } }] },
    { text: 'Two.' },
  ]);
  await runTask(started.runtime, started.sessionId, 'Write two');
  return started;
}

describe('going back in a conversation', () => {
  it('returns thread and files to before a prompt, and says first what stays done', async () => {
    const { runtime, sessionId } = await twoTasks();
    const { items } = await runtime.peer.request('GetCheckpoints', { sessionId });
    const before = items.find(({ kind, prompt }) => kind === 'before_prompt' && prompt === 'Write two')!;

    const plan = await runtime.peer.request('GetRewindPlan', { sessionId, checkpointId: before.checkpointId });
    const result = await runtime.peer.request('Rewind', {
      sessionId,
      checkpointId: before.checkpointId,
      planDigest: plan.planDigest,
    });

    expect(plan.files).toEqual([
      { path: 'a.txt', action: 'restore', state: 'ready' },
      { path: 'b.txt', action: 'remove', state: 'ready' },
    ]);
    expect(plan.irreversible).toMatchObject([{ toolName: 'RunCommand', summary: 'Ran ls' }]);
    expect(result).toEqual({
      checkpointId: before.checkpointId,
      restored: ['a.txt', 'b.txt'],
      refused: [],
      messages: 4,
    });
    expect(readFileSync(file('a.txt'), 'utf8')).toBe('one\n');
    expect(existsSync(file('b.txt'))).toBe(false);
    const { items: messages } = await runtime.peer.request('GetMessages', { sessionId });
    expect(messages.map(({ content }) => content).at(-1)).toBe('One.');
  });

  it('returns to the middle of a task and goes on from there', async () => {
    const { runtime, sessionId } = await twoTasks();
    const { items } = await runtime.peer.request('GetCheckpoints', { sessionId });
    const after = items.find(
      ({ kind, prompt, stepNumber }) => kind === 'after_step' && prompt === 'Write two' && stepNumber === 1,
    )!;
    const { planDigest } = await runtime.peer.request('GetRewindPlan', { sessionId, checkpointId: after.checkpointId });
    await runtime.peer.request('Rewind', { sessionId, checkpointId: after.checkpointId, planDigest });
    world.gateway.say([{ text: 'Went on.' }]);

    await runTask(runtime, sessionId, 'Go on from here');

    const sent = world.gateway.requests.at(-1)!.body.messages.map(({ role }) => role);
    expect(sent).toEqual([
      'system',
      'user',
      'assistant',
      'tool',
      'assistant',
      'user',
      'assistant',
      'tool',
      'tool',
      'tool',
      'user',
    ]);
    expect(readFileSync(file('a.txt'), 'utf8')).toBe('two\n');
    expect(readFileSync(file('b.txt'), 'utf8')).toBe('new\n');
  });

  it('leaves a file alone that somebody else changed, unless forced', async () => {
    const { runtime, sessionId } = await twoTasks();
    writeFileSync(file('a.txt'), 'by hand\n');
    const { planDigest, files } = await runtime.peer.request('GetRewindPlan', { sessionId, checkpointId: 'start' });

    const result = await runtime.peer.request('Rewind', { sessionId, checkpointId: 'start', planDigest });

    expect(files).toContainEqual({ path: 'a.txt', action: 'remove', state: 'changed_since' });
    expect(result.restored).toEqual(['b.txt']);
    expect(result.refused.map(({ path }) => path)).toEqual(['a.txt']);
    expect(readFileSync(file('a.txt'), 'utf8')).toBe('by hand\n');
  });

  it('does a return once, however often it is asked for', async () => {
    const { runtime, sessionId } = await twoTasks();
    const { planDigest } = await runtime.peer.request('GetRewindPlan', { sessionId, checkpointId: 'start' });
    const first = await runtime.peer.request('Rewind', { sessionId, checkpointId: 'start', planDigest });
    writeFileSync(file('a.txt'), 'new work\n');

    const again = await runtime.peer.request('Rewind', { sessionId, checkpointId: 'start', planDigest });

    expect(again).toEqual(first);
    expect(readFileSync(file('a.txt'), 'utf8')).toBe('new work\n');
    expect(runtime.events.filter(({ eventType }) => eventType === 'session_rewound')).toHaveLength(1);
  });

  it('refuses a plan that is no longer true', async () => {
    const { runtime, sessionId } = await twoTasks();
    const { planDigest } = await runtime.peer.request('GetRewindPlan', { sessionId, checkpointId: 'start' });
    writeFileSync(file('b.txt'), 'by hand\n');

    const attempt = runtime.peer.request('Rewind', { sessionId, checkpointId: 'start', planDigest });

    await expect(attempt).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(readFileSync(file('a.txt'), 'utf8')).toBe('three\n');
  });

  it('leaves accepted what a person had accepted before the point, also after the runtime was killed', async () => {
    const { runtime, sessionId } = await twoTasks();
    const [first, second] = runtime.events
      .filter(({ eventType }) => eventType === 'task_started')
      .map(({ taskId }) => taskId!);
    await runtime.peer.request('AcceptPatch', { sessionId, taskId: first! });
    const { items } = await runtime.peer.request('GetCheckpoints', { sessionId });
    const { checkpointId } = items.find(
      ({ kind, prompt, stepNumber }) => kind === 'after_step' && prompt === 'Write two' && stepNumber === 1,
    )!;
    const { planDigest } = await runtime.peer.request('GetRewindPlan', { sessionId, checkpointId });
    const pathsOf = async (process: typeof runtime): Promise<string[][]> => {
      const previews = [first, second].map((taskId) =>
        process.peer.request('GetPatchPreview', { sessionId, taskId: taskId! }),
      );
      return (await Promise.all(previews)).map(({ files }) => files.map(({ path }) => path));
    };

    await runtime.peer.request('Rewind', { sessionId, checkpointId, planDigest });
    const rewound = await pathsOf(runtime);
    await runtime.kill();
    const next = await world.start();
    await next.peer.request('ResumeSession', { sessionId, continueTask: false });
    const resumed = await pathsOf(next);

    expect(rewound).toEqual([[], ['a.txt', 'b.txt']]);
    expect(resumed).toEqual(rewound);
  });

  it('is remembered after the runtime was killed', async () => {
    const { runtime, sessionId } = await twoTasks();
    const { planDigest } = await runtime.peer.request('GetRewindPlan', { sessionId, checkpointId: 'start' });
    await runtime.peer.request('Rewind', { sessionId, checkpointId: 'start', planDigest });
    await runtime.kill();
    const next = await world.start();

    const resumed = await next.peer.request('ResumeSession', { sessionId });

    expect(resumed.messages).toBe(0);
    expect(existsSync(file('a.txt'))).toBe(false);
  });
});
