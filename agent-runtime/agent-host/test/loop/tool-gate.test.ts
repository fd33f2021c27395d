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
  host.model.next = (index) =>
    index === 0 ? callsOf(...calls) : { text: 'Done.', toolCalls: [], finishReason: 'stop' };
}

/** Kinds of the records that would survive a power cut now, from the tool's point of view the only truth. */
function durableKinds(): string[] {
  const [file] = [...host.files.files.values()];
  return file!.durable
    .toString()
    .split('\n')
    .flatMap((line) => line.split(' ')[3] ?? []);
}

describe('the tool gate', () => {
  it('has the intent on the disk before a side effect', async () => {
    let kinds: string[] = [];
    host.tools.behaviour = () => {
      kinds = durableKinds();
      return { outputText: 'written' };
    };
    say({ name: 'WriteFile', arguments: { path: '/project/a.txt', content: 'x' } });

    await host.ended(await host.start());

    expect(kinds.at(-1)).toBe('intent');
    expect(host.log.filter((line) => /^(prepare|execute|patch)/.test(line))).toEqual([
      'prepare WriteFile',
      'execute WriteFile',
      'executed WriteFile',
      'patch WriteFile done',
    ]);
  });

  it('has the outcome of a side effect written when anybody hears of it', async () => {
    say({ name: 'WriteFile', arguments: { path: '/project/a.txt', content: 'x' } });
    const [file] = [...host.files.files.values()];
    let writtenBy = '';
    host.peer.onNotification('SessionEvent', ({ eventType }: { eventType: string }) => {
      if (eventType === 'tool_completed') writtenBy = file!.data.toString();
      if (eventType === 'task_completed') host.log.push('end');
    });

    await host.start();
    while (!host.log.includes('end')) await settle();

    expect(writtenBy).toMatch(/ outcome \{/);
  });

  it('has a step on the disk before the model is asked again, and needs one sync for a step that only reads', async () => {
    const kinds: string[][] = [];
    const syncs: number[] = [];
    let count = 0;
    host.files.fault = (operation) => void (operation === 'sync' && (count += 1));
    host.model.next = (index) => {
      kinds.push(durableKinds());
      syncs.push(count);
      return index < 3
        ? callsOf(
            { name: 'ReadFile', arguments: { path: `/project/${index}` } },
            { name: 'ReadFile', arguments: { path: '/project/x' } },
          )
        : { text: 'Done.', toolCalls: [], finishReason: 'stop' };
    };

    await host.ended(await host.start());

    const messages = host.events.filter(({ eventType }) => eventType === 'message_completed').length;
    expect(
      syncs
        .slice(1)
        .map((total, index) => total - syncs[index]!)
        .slice(1),
    ).toEqual([1, 1]);
    expect(kinds[3]!.length).toBeGreaterThan(kinds[2]!.length);
    expect(messages).toBe(3 * 3 + 1);
  });

  it('runs calls side by side, and in order where one writes what another touches', async () => {
    const gates = new Map<string, () => void>();
    host.tools.behaviour = ({ arguments: args }) =>
      new Promise((resolve) =>
        gates.set(`${String(args['path'])}${String(args['content'] ?? '')}`, () => resolve({ outputText: 'ok' })),
      );
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
    expect(
      host.events.filter(
        ({ eventType, payload }) =>
          eventType === 'message_completed' && (payload['message'] as { role: string }).role === 'tool',
      ),
    ).toHaveLength(4);
  });

  it('gives the results in the order of the calls, whichever ended first', async () => {
    host.tools.behaviour = ({ arguments: args }) => ({ outputText: String(args['path']) });
    say(
      { name: 'ReadFile', arguments: { path: '/project/slow' } },
      { name: 'ReadFile', arguments: { path: '/project/fast' } },
    );
    await host.ended(await host.start());

    expect(host.model.bodies[1]!.messages.filter(({ role }) => role === 'tool').map(({ content }) => content)).toEqual([
      '/project/slow',
      '/project/fast',
    ]);
  });

  it('runs nothing while the disk is full, pauses, and goes on exactly once when there is room', async () => {
    say({ name: 'WriteFile', arguments: { path: '/project/a.txt', content: 'x' } });
    host.model.next = (
      (next) =>
      (index: number, ...rest: [AbortSignal, (text: string) => void]) => {
        if (index === 0)
          host.files.fault = (operation) => {
            if (operation === 'write') throw diskFull();
          };
        return next(index, ...rest);
      }
    )(host.model.next);
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
    host.tools.behaviour = (_request, { signal }) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve({ outputText: 'finished' })));
    say(
      { name: 'WriteFile', arguments: { path: '/project/a.txt', content: '1' } },
      { name: 'WriteFile', arguments: { path: '/project/a.txt', content: '2' } },
    );
    const taskId = await host.start();
    await settle();

    await host.peer.request('CancelTask', { sessionId: testSessionId });
    const end = await host.ended(taskId);
    const { items } = await host.peer.request('GetMessages', { sessionId: testSessionId });

    expect(end.eventType).toBe('task_cancelled');
    expect(items.filter(({ role }) => role === 'tool').map(({ content }) => content)).toEqual([
      'finished',
      'CONFLICT: The task was cancelled before this call began.',
    ]);
  });
});
