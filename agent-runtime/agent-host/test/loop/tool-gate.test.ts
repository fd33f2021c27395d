import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TestHost, callsOf, testSessionId } from '../support/test-host.ts';
import { settle } from '../support/manual-time.ts';
import { diskFull } from '../support/memory-journal-files.ts';

let host: TestHost;
beforeEach(async () => {
  host = new TestHost();
  await host.open();
});
afterEach(() => host.close());

/** The answers of the model: these calls first, then the end. */
function say(...calls: { name: string; arguments: unknown }[]): void {
  host.model.next = (index) => (index === 0 ? callsOf(...calls) : { text: 'Done.', toolCalls: [], finishReason: 'stop' });
}

/** Order of intent, disk and execution. */
function traceDisk(): void {
  host.files.fault = (operation) => void (operation === 'sync' && host.log.push('sync'));
}

describe('the tool gate', () => {
  it('has the intent on the disk before a side effect, and the outcome recorded before anybody hears of it', async () => {
    say({ name: 'WriteFile', arguments: { path: '/project/a.txt', content: 'x' } });
    traceDisk();
    const taskId = await host.start();
    await host.ended(taskId);

    const trace = host.log.filter((line) => /^(sync|prepare|execute|patch|event (tool_|decision|step_c))/.test(line));
    const begin = trace.indexOf('event tool_requested');
    expect(trace.slice(begin, trace.indexOf('event step_completed') + 1)).toEqual([
      'event tool_requested',
      'event decision_recorded',
      'prepare WriteFile',
      'sync',
      'execute WriteFile',
      'executed WriteFile',
      'patch WriteFile done',
      'event tool_completed',
      'sync',
      'event step_completed',
    ]);
  });

  it('needs one sync for a step that only reads', async () => {
    say({ name: 'ReadFile', arguments: { path: '/project/a.txt' } }, { name: 'ReadFile', arguments: { path: '/project/b.txt' } });
    const taskId = await host.start();
    await host.ended(taskId);
    host.model.bodies.length = 0;
    traceDisk();
    host.log.length = 0;

    await host.ended(await host.start('Again'));

    const first = host.log.slice(host.log.indexOf('event step_started'), host.log.indexOf('event step_completed'));
    expect(first.filter((line) => line === 'sync')).toHaveLength(1);
  });

  it('runs calls side by side, and in order where one writes what another touches', async () => {
    const gates = new Map<string, () => void>();
    host.tools.behaviour = ({ arguments: args }) => new Promise((resolve) => gates.set(`${String(args['path'])}${String(args['content'] ?? '')}`, () => resolve({ outputText: 'ok' })));
    say(
      { name: 'WriteFile', arguments: { path: '/project/a.txt', content: '1' } },
      { name: 'WriteFile', arguments: { path: '/project/b.txt', content: '1' } },
      { name: 'WriteFile', arguments: { path: '/project/a.txt', content: '2' } },
      { name: 'ReadFile', arguments: { path: '/project/c.txt' } },
    );
    const taskId = await host.start();
    await settle();
    const atOnce = [...gates.keys()];
    gates.get('/project/a.txt1')!();
    await settle();
    const afterFirst = [...gates.keys()];
    for (const open of gates.values()) open();
    await host.ended(taskId);

    expect(atOnce.sort()).toEqual(['/project/a.txt1', '/project/b.txt1', '/project/c.txt']);
    expect(afterFirst).toContain('/project/a.txt2');
    expect(host.events.filter(({ eventType, payload }) => eventType === 'message_completed' && (payload['message'] as { role: string }).role === 'tool')).toHaveLength(4);
  });

  it('gives the results in the order of the calls, whichever ended first', async () => {
    host.tools.behaviour = ({ arguments: args }) => ({ outputText: String(args['path']) });
    say({ name: 'ReadFile', arguments: { path: '/project/slow' } }, { name: 'ReadFile', arguments: { path: '/project/fast' } });
    await host.ended(await host.start());

    expect(host.model.bodies[1]!.messages.filter(({ role }) => role === 'tool').map(({ content }) => content)).toEqual(['/project/slow', '/project/fast']);
  });

  it('runs nothing while the disk is full, pauses, and goes on exactly once when there is room', async () => {
    say({ name: 'WriteFile', arguments: { path: '/project/a.txt', content: 'x' } });
    host.model.next = ((next) => (index: number, ...rest: [AbortSignal, (text: string) => void]) => {
      if (index === 0) host.files.fault = (operation) => {
        if (operation === 'write') throw diskFull();
      };
      return next(index, ...rest);
    })(host.model.next);
    const taskId = await host.start();

    const paused = await host.event('session_paused');
    const whilePaused = host.log.filter((line) => line.startsWith('execute'));
    const state = await host.peer.request('GetSessionState', { sessionId: testSessionId });
    host.files.fault = () => undefined;
    await host.peer.request('ResumeSession', { sessionId: testSessionId });
    const end = await host.ended(taskId);

    expect(paused.payload).toMatchObject({ waitsFor: 'disk', code: 'INTERNAL_ERROR' });
    expect(state.sessionStatus).toBe('SESSION_PAUSED');
    expect(whilePaused).toEqual([]);
    expect(end.eventType).toBe('task_completed');
    expect(host.log.filter((line) => line === 'execute WriteFile')).toHaveLength(1);
  });

  it('does not start a task that it cannot write down', async () => {
    host.files.fault = (operation) => {
      if (operation === 'write' || operation === 'sync') throw diskFull();
    };

    await expect(host.start()).rejects.toMatchObject({ code: 'INTERNAL_ERROR', retryable: true });
    host.files.fault = () => undefined;
    await host.peer.request('CancelTask', { sessionId: testSessionId });
    const end = await host.ended(await host.start('Again'));

    expect(end.eventType).toBe('task_completed');
  });

  it('takes secrets out of what tools return before anybody sees it', async () => {
    host.tools.behaviour = () => ({ outputText: 'key AKIAABCDEFGHIJKLMNOP and gateway-secret' });
    say({ name: 'ReadFile', arguments: { path: '/project/a.txt' } });
    await host.ended(await host.start());

    const everything = JSON.stringify([host.events, host.model.bodies, host.backend.audited]);
    expect(everything).not.toContain('AKIAABCDEFGHIJKLMNOP');
    expect(everything).not.toContain('gateway-secret');
    expect(host.model.bodies[1]!.messages.at(-1)!.content).toContain('[redacted: AWS access key]');
  });

  it('gives calls that were not made a result when the task is cancelled, so that the thread stays whole', async () => {
    host.tools.behaviour = (_request, { signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve({ outputText: 'finished' })));
    say({ name: 'WriteFile', arguments: { path: '/project/a.txt', content: '1' } }, { name: 'WriteFile', arguments: { path: '/project/a.txt', content: '2' } });
    const taskId = await host.start();
    await settle();

    await host.peer.request('CancelTask', { sessionId: testSessionId });
    const end = await host.ended(taskId);
    const { items } = await host.peer.request('GetMessages', { sessionId: testSessionId });

    expect(end.eventType).toBe('task_cancelled');
    expect(items.filter(({ role }) => role === 'tool').map(({ content }) => content)).toEqual(['finished', 'CONFLICT: The task was cancelled before this call began.']);
  });
});
