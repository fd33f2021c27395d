import { appendFileSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { buildBundle } from './support/build-bundle.ts';
import { RuntimeWorld, runTask, startTask, until } from './support/runtime-world.ts';

let world: RuntimeWorld;
beforeAll(buildBundle);
beforeEach(async () => {
  world = await RuntimeWorld.create();
});
afterEach(() => world.stop());

const journalOf = (sessionId: string): string => join(world.home, 'runtime', 'sessions', sessionId, 'journal.log');

describe('a runtime that was killed', () => {
  it('goes on in the middle of a task with the same thread, and repeats no finished call', async () => {
    world.gateway.say([
      { calls: [{ name: 'WriteFile', arguments: { path: 'a.txt', content: 'one\n' } }] },
      { text: 'Never finished', stallAfter: 3 },
    ]);
    const { runtime, sessionId } = await world.startSession();
    const taskId = await startTask(runtime, sessionId, 'Write one');
    await runtime.event((event) => event.eventType === 'llm_request_started' && event.seq > 12);
    await runtime.event((event) => event.eventType === 'text_chunk');
    await runtime.kill();
    writeFileSync(join(world.project, 'a.txt'), 'changed by hand\n');
    world.gateway.say([{ text: 'All written.' }]);
    const next = await world.start();

    const resumed = await next.peer.request('ResumeSession', { sessionId });
    const end = await next.ended(taskId);

    expect(resumed).toMatchObject({ sessionId, messages: 3, interruptedTask: { taskId, stepCount: 2 } });
    expect(end.eventType).toBe('task_completed');
    expect(readFileSync(join(world.project, 'a.txt'), 'utf8')).toBe('changed by hand\n');
    expect(world.gateway.requests).toHaveLength(1);
    expect(world.gateway.requests[0]!.body.messages.map(({ role }) => role)).toEqual([
      'system',
      'user',
      'assistant',
      'tool',
    ]);
  });

  it('continues the sequence without a gap and replays every event from any point', async () => {
    world.gateway.say([{ text: 'Never finished', stallAfter: 5 }]);
    const { runtime, sessionId } = await world.startSession();
    const taskId = await startTask(runtime, sessionId, 'Talk');
    await runtime.event('text_chunk');
    await runtime.kill();
    const seen = runtime.events.map(({ eventId }) => eventId);
    world.gateway.say([{ text: 'Finished.' }]);
    const next = await world.start();

    await next.peer.request('ResumeSession', { sessionId });
    await next.ended(taskId);
    const { events, lastSeq } = await next.peer.request('GetEvents', { sessionId, fromSeq: 1, limit: 1000 });

    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: lastSeq }, (_, index) => index + 1));
    expect(events.slice(0, seen.length).map(({ eventId }) => eventId)).toEqual(seen);
    expect(next.events.map(({ seq }) => seq)).toEqual(
      Array.from({ length: lastSeq - seen.length }, (_, index) => seen.length + index + 1),
    );
    expect(next.events[0]).toMatchObject({ eventType: 'session_resumed', payload: { recovered: true } });
  });

  it('asks again for an approval that was pending, under the same id', async () => {
    world.gateway.say([
      { calls: [{ name: 'RunCommand', arguments: { command: 'node -e "console.log(1)"' } }] },
      { text: 'Ran.' },
    ]);
    const { runtime, sessionId } = await world.startSession();
    const taskId = await startTask(runtime, sessionId, 'Run');
    const { approval } = (await runtime.event('approval_requested')).payload as {
      approval: { approvalId: string; actionDigest: string };
    };
    await runtime.kill();
    const next = await world.start();

    await next.peer.request('ResumeSession', { sessionId });
    await next.event('approval_requested');
    const { pendingApprovals } = await next.peer.request('GetSessionState', { sessionId });
    await next.peer.request('ApproveAction', {
      approvalId: approval.approvalId,
      actionDigest: approval.actionDigest,
      decision: 'approved',
    });
    const end = await next.ended(taskId);

    expect(pendingApprovals.map(({ approvalId }) => approvalId)).toEqual([approval.approvalId]);
    expect(end.eventType).toBe('task_completed');
    expect(
      next.events
        .filter(({ eventType }) => eventType === 'approval_requested')
        .map(({ payload }) => (payload['approval'] as { approvalId: string }).approvalId),
    ).toEqual([approval.approvalId]);
  });

  it('reports a command that was running as unknown and never runs it again', async () => {
    const marker = join(world.project, 'ran.txt');
    world.gateway.say([
      {
        calls: [
          {
            name: 'RunCommand',
            arguments: { command: `node -e "require('fs').appendFileSync('ran.txt','x'); setTimeout(()=>{}, 600000)"` },
          },
        ],
      },
      { text: 'I looked.' },
    ]);
    const { runtime, sessionId } = await world.startSession();
    const taskId = await startTask(runtime, sessionId, 'Run');
    const { approval } = (await runtime.event('approval_requested')).payload as {
      approval: { approvalId: string; actionDigest: string };
    };
    await runtime.peer.request('ApproveAction', {
      approvalId: approval.approvalId,
      actionDigest: approval.actionDigest,
      decision: 'approved',
    });
    await until(() => existsSync(marker));
    await runtime.kill();
    world.gateway.say([{ text: 'I looked.' }]);
    const next = await world.start();

    const resumed = await next.peer.request('ResumeSession', { sessionId });
    const end = await next.ended(taskId);

    expect(resumed.unknownEffects).toMatchObject([{ toolName: 'RunCommand' }]);
    expect(next.events.filter(({ eventType }) => eventType === 'effect_unknown')).toHaveLength(1);
    expect(end.eventType).toBe('task_completed');
    expect(readFileSync(marker, 'utf8')).toBe('x');
    expect(world.gateway.requests[0]!.body.messages.at(-1)!.content).toContain("can't be proved");
  });

  it('shows the patch of the work before the crash', async () => {
    world.write('a.txt', 'one\n');
    world.gateway.say([
      { calls: [{ name: 'WriteFile', arguments: { path: 'a.txt', content: 'two\n' } }] },
      { text: 'Done.' },
    ]);
    const { runtime, sessionId } = await world.startSession();
    await runTask(runtime, sessionId, 'Write two');
    await runtime.kill();
    const next = await world.start();

    await next.peer.request('ResumeSession', { sessionId });
    const { files } = await next.peer.request('GetPatchPreview', { sessionId });

    expect(files).toMatchObject([{ path: 'a.txt', status: 'modified', additions: 1, deletions: 1 }]);
  });

  it('leaves the task alone when it is only to be looked at, and goes on with it later', async () => {
    world.gateway.say([{ text: 'Never', stallAfter: 2 }]);
    const { runtime, sessionId } = await world.startSession();
    const taskId = await startTask(runtime, sessionId, 'Talk');
    await runtime.event('text_chunk');
    await runtime.kill();
    world.gateway.say([{ text: 'Now.' }]);
    const next = await world.start();

    const looked = await next.peer.request('ResumeSession', { sessionId, continueTask: false });
    const requestsBefore = world.gateway.requests.length;
    await next.peer.request('ResumeSession', { sessionId });
    const end = await next.ended(taskId);

    expect(looked).toMatchObject({ sessionStatus: 'SESSION_PAUSED', interruptedTask: { taskId } });
    expect(requestsBefore).toBe(0);
    expect(end.eventType).toBe('task_completed');
  });

  it('drops a torn last record and goes on from the one before', async () => {
    const { runtime, sessionId } = await world.startSession();
    await runTask(runtime, sessionId, 'Hello');
    await runtime.kill();
    appendFileSync(journalOf(sessionId), '0badf00d 120 99 event {"half a rec');
    const next = await world.start();

    const resumed = await next.peer.request('ResumeSession', { sessionId });

    expect(resumed).toMatchObject({ messages: 2 });
    expect(resumed.warnings).toBeUndefined();
  });

  it('recovers what lies before other damage, keeps the damaged file, and says so', async () => {
    const { runtime, sessionId } = await world.startSession();
    await runTask(runtime, sessionId, 'Hello');
    await runTask(runtime, sessionId, 'Hello again');
    await runtime.kill();
    const path = journalOf(sessionId);
    const data = readFileSync(path);
    const at = data.indexOf('Hello again');
    data[at] = data[at]! ^ 1;
    writeFileSync(path, data);
    const next = await world.start();

    const resumed = await next.peer.request('ResumeSession', { sessionId });

    const kept = readdirSync(join(path, '..')).find((name) => name.startsWith('journal.log.damaged-'))!;
    expect(resumed.warnings).toEqual([expect.stringContaining('The journal was damaged')]);
    expect(resumed.messages).toBe(2);
    expect(readFileSync(join(path, '..', kept))).toEqual(data);
  });

  it('is refused while another runtime works on the conversation', async () => {
    const { runtime, sessionId } = await world.startSession();
    const second = await world.start();

    const refused = second.peer.request('ResumeSession', { sessionId });

    await expect(refused).rejects.toMatchObject({ code: 'LEASE_LOST', details: { pid: runtime.child.pid } });
  });

  it('goes on without the services while the policy is valid, and sends later what waited', async () => {
    const { runtime, sessionId } = await world.startSession();
    await runTask(runtime, sessionId, 'Hello');
    await runtime.kill();
    world.services.intercept = () => 'drop';
    const next = await world.start();

    const resumed = await next.peer.request('ResumeSession', { sessionId });
    const end = await runTask(next, sessionId, 'Hello offline');
    const offline = await next.peer.request('GetSessionState', { sessionId });
    world.services.intercept = () => undefined;
    await next.peer.request('SetCredentials', { accessToken: world.services.accessToken });

    expect(resumed.warnings).toEqual([expect.stringContaining("can't be reached")]);
    expect(end.eventType).toBe('task_completed');
    expect(offline.outbox!.waiting).toBeGreaterThan(0);
    await until(() => world.services.events.has(end.eventId));
    await until(() => world.services.historyOf(sessionId)?.snapshotAfterTaskId === end.taskId);
  });

  it('says that there is nothing to resume when the journal is gone', async () => {
    const { runtime, sessionId } = await world.startSession();
    await runtime.kill();
    rmSync(join(journalOf(sessionId), '..'), { recursive: true });
    const next = await world.start();

    const refused = next.peer.request('ResumeSession', { sessionId });

    await expect(refused).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' });
  });

  it('still asks what was asked before the client went away in order', async () => {
    world.gateway.say([
      { calls: [{ name: 'RunCommand', arguments: { command: 'node -e "console.log(1)"' } }] },
      { text: 'Ran.' },
    ]);
    const { runtime, sessionId } = await world.startSession();
    const taskId = await startTask(runtime, sessionId, 'Run');
    const { approval } = (await runtime.event('approval_requested')).payload as {
      approval: { approvalId: string; actionDigest: string };
    };
    await runtime.stop();
    const next = await world.start();

    await next.peer.request('ResumeSession', { sessionId });
    await next.event('approval_requested');
    const answer = await next.peer.request('ApproveAction', {
      approvalId: approval.approvalId,
      actionDigest: approval.actionDigest,
      decision: 'approved',
    });
    const end = await next.ended(taskId);

    expect(answer).toMatchObject({ decision: 'approved', first: true });
    expect(end.eventType).toBe('task_completed');
  });

  it('keeps its journal when the client goes away in order', async () => {
    const { runtime, sessionId } = await world.startSession();
    await runTask(runtime, sessionId, 'Hello');

    await runtime.stop();
    const next = await world.start();
    const resumed = await next.peer.request('ResumeSession', { sessionId });

    expect(runtime.child.exitCode).toBe(0);
    expect(resumed.messages).toBe(2);
  });
});
