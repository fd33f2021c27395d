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

/** Comes back to a journal that ends at the given byte; what the services got before is not repeated by this test. */
async function comeBack(cut: (data: Buffer) => number): Promise<void> {
  const { files, home, time } = host;
  await host.server.stop();
  const { journal } = sessionPaths(home, testSessionId);
  const file = files.files.get(journal)!;
  file.data = file.data.subarray(0, cut(file.data));
  // The journal itself is in memory; that there is one is looked up on the disk.
  writeFileSync(journal, '');
  host = new TestHost({ files, home, time });
  await host.greet();
  await host.peer.request('ResumeSession', { sessionId: testSessionId });
  await host.time.advance(1_000);
}

const reports = (): unknown[] =>
  host.backend.sent.flatMap(({ request }) => (request.path.endsWith('/tasks') ? [request.body] : []));

describe('a task whose end was torn', () => {
  it('is reported to the services when the write was cut right behind its end', async () => {
    const taskId = await host.start('Count the files');
    await host.ended(taskId);

    await comeBack((data) => data.indexOf('\n', data.indexOf('"task_completed"')) + 1);

    expect(reports().at(-1)).toMatchObject({ taskId, status: 'TASK_COMPLETED', stepCount: 1 });
    expect(host.backend.uploads).toEqual([expect.objectContaining({ artifactType: 'session_history', taskId })]);
  });

  it('is not reported again when it was', async () => {
    await host.ended(await host.start('Count the files'));
    await host.time.advance(10_000);

    await comeBack((data) => data.length);

    expect(reports()).toEqual([]);
  });
});
