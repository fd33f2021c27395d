import { mkdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TestHost, callsOf, testSessionId } from '../support/test-host.ts';

let host: TestHost;
beforeEach(async () => {
  host = new TestHost();
  await host.open();
});
afterEach(() => host.close());

/** A runtime that stops while a tool runs, which then ends as given; what the next runtime makes of it. */
async function stopWhile(toolName: string, details: Record<string, unknown>): Promise<TestHost> {
  const call = { name: toolName, arguments: { path: '/project/a.txt', command: 'make' } };
  const next: TestHost['model']['next'] = (index) =>
    index === 0 ? callsOf(call) : { text: 'Done.', toolCalls: [], finishReason: 'stop' };
  host.model.next = next;
  const running = new Promise<void>((began) => {
    host.tools.behaviour = async (_request, { signal }) => {
      began();
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      const error = { code: 'TOOL_EXECUTION_FAILED' as const, message: 'cut short', details };
      return { status: 'failed', error };
    };
  });
  await host.start('Do it', { approvalMode: 'never' });
  await running;
  await host.server.stop();
  const again = new TestHost({ files: host.files, home: host.home, time: host.time });
  again.model.next = () => ({ text: 'Done.', toolCalls: [], finishReason: 'stop' });
  await again.greet();
  // The real journal lies in memory here, but the runtime looks for the file before it opens it.
  mkdirSync(`${host.home}/sessions/${testSessionId}`, { recursive: true });
  writeFileSync(`${host.home}/sessions/${testSessionId}/journal.log`, '');
  await again.peer.request('ResumeSession', { sessionId: testSessionId });
  await again.event('task_completed');
  return again;
}

const resultsOf = async (again: TestHost): Promise<string[]> => {
  const { items } = await again.peer.request('GetMessages', { sessionId: testSessionId });
  await again.server.stop();
  return items.filter(({ role }) => role === 'tool').map(({ content }) => content);
};

describe('a call that an orderly stop cuts short', () => {
  it('is made again where it only looks', async () => {
    const again = await stopWhile('ReadFile', { cancelled: true });

    expect(again.log).toContain('executed ReadFile');
    expect(await resultsOf(again)).toEqual(['ok']);
  });

  it('is made again where its tool had not begun', async () => {
    const again = await stopWhile('WriteFile', { cancelled: true, begun: false });

    expect(again.log).toContain('executed WriteFile');
    expect(await resultsOf(again)).toEqual(['ok']);
  });

  it('is reported as unknown where its tool was stopped in the middle', async () => {
    const again = await stopWhile('WriteFile', { cancelled: true });

    expect(again.log).not.toContain('executed WriteFile');
    expect(await resultsOf(again)).toEqual([expect.stringContaining("whether it took effect can't be proved")]);
  });
});
