import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { buildBundle } from './support/build-bundle.ts';
import { RuntimeWorld, runTask, startTask, until } from './support/runtime-world.ts';

let world: RuntimeWorld;
beforeAll(buildBundle);
beforeEach(async () => {
  world = await RuntimeWorld.create();
});
afterEach(() => world.stop());

describe('a task', () => {
  it('reads a file, answers, and emits every event once with a gapless sequence', async () => {
    world.write('a.txt', 'hello\n');
    world.gateway.say([
      { text: 'Let me look.', calls: [{ name: 'ReadFile', arguments: { path: 'a.txt' } }] },
      { text: 'It says hello.' },
    ]);
    const { runtime, sessionId } = await world.startSession();

    const end = await runTask(runtime, sessionId, 'What is in a.txt?');

    expect(end.eventType).toBe('task_completed');
    expect(end.payload).toMatchObject({ stepCount: 2 });
    expect(runtime.events.map(({ seq }) => seq)).toEqual(runtime.events.map((_, index) => index + 1));
    expect(runtime.events.map(({ eventType }) => eventType).filter((type) => type !== 'text_chunk')).toEqual([
      'session_created',
      'session_started',
      'task_started',
      'user_message',
      'step_started',
      'llm_request_started',
      'llm_request_completed',
      'message_completed',
      'tool_requested',
      'decision_recorded',
      'tool_completed',
      'message_completed',
      'step_completed',
      'step_started',
      'llm_request_started',
      'llm_request_completed',
      'message_completed',
      'step_completed',
      'task_completed',
    ]);
  });

  it('marks what a tool returned as untrusted for the model and keeps the stored message without the mark', async () => {
    world.write('a.txt', 'hello\n');
    world.gateway.say([{ calls: [{ name: 'ReadFile', arguments: { path: 'a.txt' } }] }, { text: 'Done.' }]);
    const { runtime, sessionId } = await world.startSession();

    await runTask(runtime, sessionId, 'Read a.txt');

    const sent = world.gateway.requests[1]!.body.messages.at(-1);
    const { items } = await runtime.peer.request('GetMessages', { sessionId });
    expect(sent).toMatchObject({
      role: 'tool',
      content: expect.stringMatching(
        /^\[untrusted content from repository file .*a\.txt, until ([0-9a-f]{16})\]\nhello\n\n\[\1\]$/,
      ),
    });
    expect(items.map(({ role, content }) => ({ role, content }))).toEqual([
      { role: 'user', content: 'Read a.txt' },
      { role: 'assistant', content: '' },
      { role: 'tool', content: 'hello\n' },
      { role: 'assistant', content: 'Done.' },
    ]);
  });

  it('writes a file, shows the patch, and reverts it', async () => {
    const file = world.write('a.txt', 'one\n');
    world.gateway.say([
      { calls: [{ name: 'WriteFile', arguments: { path: 'a.txt', content: 'two\n' } }] },
      { text: 'Written.' },
    ]);
    const { runtime, sessionId } = await world.startSession();

    const end = await runTask(runtime, sessionId, 'Write two');
    const preview = await runtime.peer.request('GetPatchPreview', { sessionId });
    const written = readFileSync(file, 'utf8');
    const reverted = await runtime.peer.request('RevertFile', { sessionId, path: 'a.txt' });

    expect(end.eventType).toBe('task_completed');
    expect(written).toBe('two\n');
    expect(preview.files).toMatchObject([{ path: 'a.txt', status: 'modified', additions: 1, deletions: 1 }]);
    expect(reverted).toEqual({ reverted: ['a.txt'], refused: [] });
    expect(readFileSync(file, 'utf8')).toBe('one\n');
  });

  it('asks before a command, and runs it once it is approved', async () => {
    world.gateway.say([
      { calls: [{ name: 'RunCommand', arguments: { command: 'node -e "console.log(6*7)"' } }] },
      { text: 'It is 42.' },
    ]);
    const { runtime, sessionId } = await world.startSession();
    const taskId = await startTask(runtime, sessionId, 'Compute');

    const { approval } = (await runtime.event('approval_requested')).payload as {
      approval: { approvalId: string; actionDigest: string; subject: unknown };
    };
    const state = await runtime.peer.request('GetSessionState', { sessionId });
    const answer = await runtime.peer.request('ApproveAction', {
      sessionId,
      approvalId: approval.approvalId,
      actionDigest: approval.actionDigest,
      decision: 'approved',
    });
    const again = await runtime.peer.request('ApproveAction', {
      sessionId,
      approvalId: approval.approvalId,
      actionDigest: approval.actionDigest,
      decision: 'denied',
    });
    const end = await runtime.ended(taskId);

    expect(state.sessionStatus).toBe('WAITING_FOR_APPROVAL');
    expect(state.pendingApprovals).toMatchObject([
      { approvalId: approval.approvalId, subject: { kind: 'command', command: 'node -e "console.log(6*7)"' } },
    ]);
    expect(answer).toEqual({ approvalId: approval.approvalId, decision: 'approved', first: true });
    expect(again).toEqual({ approvalId: approval.approvalId, decision: 'approved', first: false });
    expect(end.eventType).toBe('task_completed');
    expect(world.gateway.requests[1]!.body.messages.at(-1)!.content).toContain('42');
    await until(() => world.services.approvals.get(approval.approvalId)?.['status'] === 'approved');
  });

  it('tells the model why a person denied an action, and goes on', async () => {
    const file = world.write('keep.txt', 'x');
    world.gateway.say([{ calls: [{ name: 'DeleteFile', arguments: { path: 'keep.txt' } }] }, { text: 'Kept.' }]);
    const { runtime, sessionId } = await world.startSession();
    const taskId = await startTask(runtime, sessionId, 'Delete it');

    const { approval } = (await runtime.event('approval_requested')).payload as {
      approval: { approvalId: string; actionDigest: string };
    };
    await runtime.peer.request('ApproveAction', {
      approvalId: approval.approvalId,
      actionDigest: approval.actionDigest,
      decision: 'denied',
      reason: 'I need that file.',
    });
    const end = await runtime.ended(taskId);

    expect(end.eventType).toBe('task_completed');
    expect(readFileSync(file, 'utf8')).toBe('x');
    expect(world.gateway.requests[1]!.body.messages.at(-1)!.content).toMatch(/^APPROVAL_DENIED: .*I need that file\./);
  });

  it('answers the same start of a task twice with one task', async () => {
    const { runtime, sessionId } = await world.startSession();
    const first = await runtime.peer.request('StartTask', { sessionId, prompt: 'Hello' });
    await runtime.ended(first.task.taskId);

    const second = await runtime.peer.request('StartTask', { sessionId, taskId: first.task.taskId, prompt: 'Hello' });

    expect([first.accepted, second.accepted]).toEqual([true, false]);
    expect(second.task).toMatchObject({ taskId: first.task.taskId, status: 'TASK_COMPLETED' });
    expect(world.gateway.requests).toHaveLength(1);
  });

  it('stops a stream at once when it is cancelled, and takes the next prompt', async () => {
    world.gateway.say([{ text: 'This will never be finished', stallAfter: 10 }]);
    const { runtime, sessionId } = await world.startSession();
    const taskId = await startTask(runtime, sessionId, 'Talk');
    await runtime.event('text_chunk');

    const cancelled = await runtime.peer.request('CancelTask', { sessionId, taskId });
    const end = await runtime.ended(taskId);
    world.gateway.say([{ text: 'Hello again.' }]);
    const next = await runTask(runtime, sessionId, 'Hello');

    expect(cancelled).toEqual({ cancelled: true });
    expect(end.eventType).toBe('task_cancelled');
    expect(next.eventType).toBe('task_completed');
    expect(world.gateway.requests[0]!.body.messages.map(({ role }) => role)).toEqual(['system', 'user', 'user']);
  });

  it('kills a running command on a forced cancel', async () => {
    world.gateway.say([{ calls: [{ name: 'RunCommand', arguments: { command: 'sleep 600' } }] }, { text: 'Slept.' }]);
    const { runtime, sessionId } = await world.startSession();
    const taskId = await startTask(runtime, sessionId, 'Sleep');
    await runtime.event('decision_recorded');
    await until(() => runtime.events.some(({ eventType }) => eventType === 'decision_recorded'));

    await runtime.peer.request('CancelTask', { sessionId, force: true });
    const end = await runtime.ended(taskId);

    expect(end).toMatchObject({ eventType: 'task_cancelled' });
  });

  it('fails with a reason when the steps are used up', async () => {
    world.write('a.txt', 'x');
    world.gateway.say([{ calls: [{ name: 'ReadFile', arguments: { path: 'a.txt' } }] }]);
    const { runtime, sessionId } = await world.startSession();

    const end = await runtime.ended(await startTask(runtime, sessionId, 'Loop', { maxSteps: 5 }));

    expect(end).toMatchObject({ eventType: 'task_failed', payload: { reason: 'max_steps_exceeded', stepCount: 5 } });
    expect(
      runtime.events.filter(({ eventType }) => eventType === 'step_limit_approaching').map(({ payload }) => payload),
    ).toEqual([{ stepNumber: 4, maxSteps: 5 }]);
  });

  it('saves the history, reports the task, and sends the events, without being asked', async () => {
    const { runtime, sessionId } = await world.startSession();

    const end = await runTask(runtime, sessionId, 'Say hello to everybody');

    await until(() => world.services.historyOf(sessionId) !== undefined);
    await until(() => [...world.services.events.values()].some(({ eventType }) => eventType === 'task_completed'));
    await until(() => world.services.tasks.get(end.taskId!)?.['status'] === 'TASK_COMPLETED');
    const history = world.services.historyOf(sessionId)!;
    expect(history).toMatchObject({
      schemaVersion: 1,
      sessionId,
      snapshotAfterTaskId: end.taskId,
      title: 'Say hello to everybody',
    });
    expect(history.messages.map(({ role, content }) => [role, content])).toEqual([
      ['user', 'Say hello to everybody'],
      ['assistant', 'Done.'],
    ]);
    expect(world.services.sessions.get(sessionId)?.title).toBe('Say hello to everybody');
  });

  it('carries the thread of an earlier conversation over', async () => {
    const first = await world.startSession();
    await runTask(first.runtime, first.sessionId, 'Remember the word apple');
    await first.runtime.peer.request('Shutdown', { completeSession: true });
    const runtime = await world.start();

    const session = await runtime.createSession(world.project, { continueFromSessionId: first.sessionId });
    world.gateway.say([{ text: 'Apple.' }]);
    await runTask(runtime, session.sessionId, 'Which word?');

    expect(session.messages).toBe(2);
    expect(world.gateway.requests[0]!.body.messages.slice(1).map(({ content }) => content)).toEqual([
      'Remember the word apple',
      'Done.',
      'Which word?',
    ]);
  });

  it('removes the journal at a clean end, after the history is saved', async () => {
    const { runtime, sessionId } = await world.startSession();
    await runTask(runtime, sessionId, 'Hello');

    await runtime.peer.request('Shutdown', { completeSession: true });

    expect(world.services.historyOf(sessionId)).toBeDefined();
    expect(world.services.sessions.get(sessionId)?.status).toBe('SESSION_COMPLETED');
    expect(() => readFileSync(`${world.home}/runtime/sessions/${sessionId}/journal.log`)).toThrow('ENOENT');
  });
});
