import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SessionEvent } from '@steward/contracts';
import { RuntimeProcess, inspectArguments } from '../../src/runtime/runtime-process.ts';
import type { RuntimeProcessDeps } from '../../src/runtime/runtime-process.ts';
import { systemTimers } from '../../src/timers.ts';
import { ManualTime } from '../support/manual-timers.ts';
import { scriptedCommand, temporaryHome } from '../support/temporary-home.ts';
import type { TemporaryHome } from '../support/temporary-home.ts';
import { Collector } from '../support/until.ts';

const create = {
  executionEnvironment: 'desktop' as const,
  clientInfo: { desktopAppVersion: '1.0.0', localAgentHostVersion: '1.0.0', osFamily: 'Linux' as const },
  supportedCapabilities: [],
};

describe('the debugger port of a runtime', () => {
  it('is opened on loopback when a developer asks for it, and never otherwise', () => {
    expect(inspectArguments({ STEWARD_INSPECT_RUNTIME: '9230' })).toEqual(['--inspect=127.0.0.1:9230']);
    for (const value of [undefined, '', '0', '0.0.0.0:9230', '70000']) {
      expect(inspectArguments({ STEWARD_INSPECT_RUNTIME: value })).toEqual([]);
    }
  });
});

describe('RuntimeProcess', () => {
  let home: TemporaryHome;
  const started: RuntimeProcess[] = [];

  const depsWith = (changes: Partial<RuntimeProcessDeps> = {}): RuntimeProcessDeps => ({
    command: scriptedCommand,
    env: { STEWARD_HOME: home.path },
    ownEnv: { PATH: process.env['PATH'], SECRET_TOKEN: 'hunter2', LC_ALL: 'C' },
    logFolder: join(home.path, 'logs'),
    clientVersion: '1.2.3',
    timers: systemTimers,
    onError: () => undefined,
    ...changes,
  });
  const start = async (changes: Partial<RuntimeProcessDeps> = {}): Promise<RuntimeProcess> => {
    const runtime = await RuntimeProcess.start(depsWith(changes), 'token-1');
    started.push(runtime);
    return runtime;
  };
  const startSession = async (
    runtime: RuntimeProcess,
  ): Promise<{ sessionId: string; events: Collector<SessionEvent> }> => {
    const { sessionId } = await runtime.request('CreateSession', create);
    const events = new Collector<SessionEvent>();
    runtime.onEvent(events.add);
    return { sessionId, events };
  };

  beforeEach(async () => {
    home = await temporaryHome();
  });
  afterEach(async () => {
    for (const runtime of started.splice(0)) {
      runtime.kill();
      await runtime.exited;
    }
    await home.remove();
  });

  it('initializes with the token in the protocol, and passes on only what programs need of the environment', async () => {
    const runtime = await start();

    const [seen] = await home.seen();
    const { initialize, env } = seen as unknown as { initialize: unknown; env: Record<string, string> };
    expect(initialize).toEqual({
      protocolVersion: 1,
      clientInfo: { name: 'steward-desktop', version: '1.2.3' },
      capabilities: {},
      credentials: { accessToken: 'token-1' },
    });
    expect(env).toEqual({
      PATH: process.env['PATH'],
      LC_ALL: 'C',
      MALLOC_ARENA_MAX: '1',
      MALLOC_MMAP_THRESHOLD_: '131072',
      STEWARD_HOME: home.path,
    });
    expect(runtime.version).toBe('9.9.9');
  });

  it('keeps events that arrive before anyone listens, and delivers all in order', async () => {
    const runtime = await start();
    const { sessionId, events } = await startSession(runtime);

    await runtime.request('StartTask', { sessionId, prompt: 'hello' });
    await events.until((event) => event.eventType === 'task_completed');

    expect(events.items.map((event) => event.seq)).toEqual([1, 2, 3, 4, 5]);
    expect(events.items[0]?.eventType).toBe('session_created');
  });

  it('goes on after output that is not the protocol', async () => {
    const runtime = await start();
    const { sessionId, events } = await startSession(runtime);

    await runtime.request('StartTask', { sessionId, prompt: 'garbage' });

    await expect(events.until((event) => event.eventType === 'task_completed')).resolves.toBeDefined();
  });

  it('tells an unexpected end in one sentence and rejects what was asked', async () => {
    const runtime = await start();
    const { sessionId } = await startSession(runtime);
    const unanswered = runtime.request('GetPatchPreview', { sessionId });
    const refused = expect(unanswered).rejects.toMatchObject({ name: 'ConnectionClosedError', retryable: true });

    await runtime.request('StartTask', { sessionId, prompt: 'crash' });

    expect(await runtime.exited).toEqual({
      expected: false,
      message: 'The agent runtime ended unexpectedly (signal SIGKILL). What it had saved is kept; resume to go on.',
    });
    await refused;
  });

  it('gives up on a request that is not answered in time', async () => {
    const time = new ManualTime();
    const runtime = await start({ timers: time });
    const { sessionId } = await startSession(runtime);

    const unanswered = runtime.request('GetPatchPreview', { sessionId }, 5_000);
    time.advance(5_000);

    await expect(unanswered).rejects.toMatchObject({ message: expect.stringContaining('GetPatchPreview within 5 s') });
  });

  it('ends in order when asked to', async () => {
    const runtime = await start();
    await startSession(runtime);

    await runtime.stop({ completeSession: true });

    expect(await runtime.exited).toEqual({ expected: true, message: 'The agent runtime was stopped.' });
    expect(await home.seen()).toContainEqual({ shutdown: { completeSession: true } });
  });

  it('ends by force when the runtime does not go', async () => {
    const runtime = await start({ env: { STEWARD_HOME: home.path, SCRIPT: 'stubborn' } });

    await runtime.stop({ completeSession: false });

    expect((await runtime.exited).expected).toBe(true);
  });

  it('explains a program that can’t be started, without leaving one behind', async () => {
    const failing = RuntimeProcess.start(depsWith({ command: [join(home.path, 'missing')] }), 'token');

    await expect(failing).rejects.toMatchObject({ message: expect.stringContaining('could not be started') });
  });

  it('writes stderr to the log of the session, from its beginning', async () => {
    const runtime = await start();
    const { sessionId } = await startSession(runtime);

    await runtime.nameLog(sessionId);
    await runtime.stop({ completeSession: false });

    const log = join(home.path, 'logs', `runtime-${sessionId}.log`);
    expect(await readFile(log, 'utf8')).toContain('scripted runtime is up');
  });
});
