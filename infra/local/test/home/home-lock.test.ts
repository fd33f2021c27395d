import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HomeLock } from '../../src/home/home-lock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

describe('the lock of a home', () => {
  it('is refused while its owner lives, and free after the release', async () => {
    const folder = temporaryFolder();
    const lock = await HomeLock.acquire(folder, '/home/steward');

    await expect(HomeLock.acquire(folder, '/home/steward')).rejects.toThrow(
      `Steward already runs on /home/steward (process ${process.pid}).`,
    );
    await lock.release();
    const second = await HomeLock.acquire(folder, '/home/steward');

    await second.release();
    expect(existsSync(join(folder, 'stack.lock'))).toBe(false);
  });

  it.each([
    ['whose process is gone', () => JSON.stringify({ pid: deadPid(), startedAt: '' })],
    ['whose process number belongs to another process now', () => JSON.stringify({ pid: process.pid, startedAt: '1' })],
    ['that is damaged', () => '{'],
  ])('is taken over from an owner %s', async (_title, content) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'stack.lock'), content());

    await HomeLock.acquire(folder, '/home/steward');

    expect(JSON.parse(readFileSync(join(folder, 'stack.lock'), 'utf8'))).toMatchObject({ pid: process.pid });
  });

  it('is won by exactly one of many that start at once', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'stack.lock'), JSON.stringify({ pid: deadPid(), startedAt: '' }));

    const attempts = await Promise.allSettled(
      Array.from({ length: 8 }, () => HomeLock.acquire(folder, '/home/steward')),
    );

    expect(attempts.filter((attempt) => attempt.status === 'fulfilled')).toHaveLength(1);
  });
});
