import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EffectOutcome } from '@steward/tool-port';
import { ModelError } from '../../src/model/model-error.ts';
import { sessionPaths } from '../../src/session/session-paths.ts';
import { MemoryJournalFiles } from '../support/memory-journal-files.ts';
import { TestHost, callsOf, testSessionId } from '../support/test-host.ts';

const session = { sessionId: testSessionId };

let host: TestHost;
beforeEach(async () => {
  host = new TestHost();
  await host.open();
});
afterEach(() => host.close());

/** A new process that has opened a conversation whose last one died while a tool ran; nothing works on the task. */
async function diedWhileToolRan(): Promise<void> {
  const { files, home, time } = host;
  const left = new MemoryJournalFiles();
  host.model.next = () => callsOf({ name: 'WriteFile', arguments: { path: 'a.txt', content: 'a' } });
  await new Promise<void>((resolve) => {
    host.tools.behaviour = () => {
      for (const [path, { data }] of files.files)
        left.files.set(path, { data: Buffer.from(data), durable: Buffer.from(data) });
      resolve();
      return {};
    };
    void host.start('Write it');
  });
  await host.server.stop();
  // The journal itself is in memory; that there is one is looked up on the disk.
  writeFileSync(sessionPaths(home, testSessionId).journal, '');
  host = new TestHost({ files: left, home, time });
  await host.greet();
  await host.peer.request('ResumeSession', { ...session, continueTask: false });
  host.log.length = 0;
}

/** Holds back what became of the call until the returned function is called. */
function holdReconciling(): { asked: Promise<void>; answer(): void } {
  let answer = (): void => undefined;
  const asked = new Promise<void>((resolve) => {
    host.tools.reconcile = () => {
      host.log.push('reconcile');
      resolve();
      return new Promise<EffectOutcome>((tell) => (answer = () => tell('done')));
    };
  });
  return { asked, answer: () => answer() };
}

const reconciled = (): number => host.log.filter((line) => line === 'reconcile').length;

describe('a task on which nothing works', () => {
  it('is ended once when it is cancelled and let go on in the same moment', async () => {
    await diedWhileToolRan();
    const held = holdReconciling();

    const cancelled = host.peer.request('CancelTask', session);
    await held.asked;
    const resumed = host.peer.request('ResumeSession', session);
    await host.peer.request('GetSessionState', session);
    held.answer();

    await expect(cancelled).resolves.toEqual({ cancelled: true });
    await resumed;
    expect(host.types().filter((type) => /^task_|^session_resumed/.test(type))).toEqual(['task_cancelled']);
    expect(reconciled()).toBe(1);
    expect(host.model.bodies).toEqual([]);
  });

  it('is ended once, and its calls are settled once, when a new prompt comes while it is cancelled', async () => {
    await diedWhileToolRan();
    const held = holdReconciling();

    const cancelled = host.peer.request('CancelTask', session);
    await held.asked;
    const started = host.start('Something else');
    await host.peer.request('GetSessionState', session);
    held.answer();

    await expect(cancelled).resolves.toEqual({ cancelled: true });
    await host.ended(await started);
    expect(host.types().filter((type) => type.startsWith('task_'))).toEqual([
      'task_cancelled',
      'task_started',
      'task_completed',
    ]);
    expect(reconciled()).toBe(1);
  });
});

describe('a paused task', () => {
  it('is not let go on once it was cancelled', async () => {
    host.model.next = () => {
      throw new ModelError('try_again', 'The model gateway answered with status 503: no reason given', { status: 503 });
    };
    host.model.listModels = () => Promise.reject(new ModelError('try_again', 'down'));
    const taskId = await host.start();
    await host.time.advance(10_000);
    await host.event('session_paused');

    const cancelled = host.peer.request('CancelTask', session);
    const resumed = host.peer.request('ResumeSession', session);
    await Promise.all([cancelled, resumed, host.ended(taskId)]);

    expect(host.types().filter((type) => /^task_|^session_(?:paused|resumed)/.test(type))).toEqual([
      'task_started',
      'session_paused',
      'task_cancelled',
    ]);
  });
});

describe('a conversation that is completed', () => {
  it('begins no task that was asked for while it ended', async () => {
    const started = host.start();
    const ended = host.peer.request('Shutdown', { completeSession: true });

    const outcome = await started.then(
      () => 'started',
      (error: Error) => error.message,
    );
    await ended;

    const types = host.types();
    expect(types.slice(types.indexOf('session_completed') + 1).filter((type) => type.startsWith('task_'))).toEqual([]);
    expect(['started', 'This conversation has ended. Continue it from History.']).toContain(outcome);
  });
});
