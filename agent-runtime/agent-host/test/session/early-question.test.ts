import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { scanRecords } from '../../src/journal/record-codec.ts';
import { sessionPaths } from '../../src/session/session-paths.ts';
import { TestHost, testSessionId } from '../support/test-host.ts';

let host: TestHost;
beforeEach(async () => {
  host = new TestHost();
  await host.open();
  await host.ended(await host.start('Count the files'));
});
afterEach(() => host.close());

/** Comes back to the journal as it was changed; gives the events that were left of it and what the services were told. */
async function comeBack(change: (data: Buffer) => Buffer): Promise<{ left: number; told: (string | undefined)[] }> {
  const { files, home, time } = host;
  await host.server.stop();
  const { journal } = sessionPaths(home, testSessionId);
  const file = files.files.get(journal)!;
  file.data = change(file.data);
  let left = 0;
  scanRecords(file.data, ({ kind }) => (left += kind === 'event' || kind === 'chunk' ? 1 : 0));
  // The journal itself is in memory; that there is one is looked up on the disk.
  writeFileSync(journal, '');
  host = new TestHost({ files, home, time });
  await host.greet();
  await host.peer.request('ResumeSession', { sessionId: testSessionId });
  return { left, told: host.backend.cursors };
}

const flipped = (data: Buffer, at: number): Buffer => {
  const damaged = Buffer.from(data);
  damaged[at]! ^= 1;
  return damaged;
};

describe('the services, asked while a journal is read', () => {
  it('are told once which event was the last', async () => {
    const { left, told } = await comeBack((data) => data);

    expect(told).toEqual([String(left)]);
  });

  it('are told the last whole event of a journal whose end was torn', async () => {
    const { left, told } = await comeBack((data) => data.subarray(0, data.length - 5));

    expect(told).toEqual([String(left)]);
  });

  it('are asked again where the journal turns out to hold less than its end said', async () => {
    const { left, told } = await comeBack((data) => flipped(data, data.indexOf('"task_started"')));

    expect(told.at(-1)).toBe(String(left));
    expect(told).toHaveLength(2);
    expect(Number(told[0])).toBeGreaterThan(left);
  });

  it('are asked behind the reading where the beginning does not say who asks', async () => {
    const { files, home } = host;
    await host.server.stop();
    const { journal } = sessionPaths(home, testSessionId);
    const file = files.files.get(journal)!;
    file.data = flipped(file.data, file.data.indexOf('"params"'));
    writeFileSync(journal, '');
    host = new TestHost({ files, home, time: host.time });
    await host.greet();

    const refused = host.peer.request('ResumeSession', { sessionId: testSessionId });

    await expect(refused).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' });
    expect(host.backend.cursors).toEqual([]);
  });
});
