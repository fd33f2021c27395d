import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sessionPaths } from '../../src/session/session-paths.ts';
import { TestHost, testSessionId } from '../support/test-host.ts';

let host: TestHost;
beforeEach(async () => {
  host = new TestHost();
  await host.open();
});
afterEach(() => host.close());

describe('a task whose beginning was torn', () => {
  it('is told again what was asked, once, when the write was cut right behind its start', async () => {
    await host.ended(await host.start('Count the files'));
    const { files, home, time } = host;
    await host.server.stop();
    const { journal } = sessionPaths(home, testSessionId);
    const file = files.files.get(journal)!;
    const start = file.data.indexOf('"task_started"');
    file.data = file.data.subarray(0, file.data.indexOf('\n', start) + 20);
    // The journal itself is in memory; that there is one is looked up on the disk.
    writeFileSync(journal, '');
    host = new TestHost({ files, home, time });

    await host.greet();
    await host.peer.request('ResumeSession', { sessionId: testSessionId });
    await host.event('task_completed');

    const { items } = await host.peer.request('GetMessages', { sessionId: testSessionId });
    expect(host.model.bodies.map(({ messages }) => messages.filter(({ role }) => role === 'user').length)).toEqual([1]);
    expect(items.map(({ role, content }) => [role, content])).toEqual([
      ['user', 'Count the files'],
      ['assistant', 'Done.'],
    ]);
  });
});
