import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endLeftovers, recordProcesses } from '../../src/stack/leftovers.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// Real processes and sockets: a busy machine must not turn a slow answer into a failure.
describe('what a killed stack left behind', () => {
  const onLinux = process.platform === 'linux' ? it : it.skip;

  onLinux('is ended at the next start', async () => {
    const folder = temporaryFolder();
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const ended = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
    await recordProcesses(folder, [child.pid ?? 0]);

    const count = await endLeftovers(folder);

    expect([count, await ended]).toEqual([1, 'SIGKILL']);
  });

  it('is never mistaken for another process with the same number', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'processes.json'), JSON.stringify([{ pid: process.pid, startedAt: '1' }]));

    expect(await endLeftovers(folder)).toBe(0);
  });

  it.each(['', '{', '[1, null, "x"]'])('is nothing when the record is %j', async (content) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'processes.json'), content);

    expect(await endLeftovers(folder)).toBe(0);
  });
});
