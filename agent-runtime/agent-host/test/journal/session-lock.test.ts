import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SessionLock } from '../../src/journal/session-lock.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'steward-lock-'));
  path = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the lock of a session', () => {
  it('is held by one at a time and can be taken after it was given up', () => {
    const first = SessionLock.acquire(path, 'first');

    expect(() => SessionLock.acquire(path, 'second')).toThrow(
      expect.objectContaining({ code: 'LEASE_LOST', details: { pid: process.pid } }),
    );
    expect(SessionLock.isHeld(path)).toBe(true);
    first.release();
    expect(SessionLock.isHeld(path)).toBe(false);
    SessionLock.acquire(path, 'second').release();
  });

  it('can be taken again by the process that gave it up while the disk let nothing be removed', () => {
    const first = SessionLock.acquire(path, 'first');
    const left = readFileSync(path);
    first.release();
    writeFileSync(path, left);

    expect(SessionLock.isHeld(path)).toBe(false);
    const second = SessionLock.acquire(path, 'second');

    expect(() => SessionLock.acquire(path, 'third')).toThrow(expect.objectContaining({ code: 'LEASE_LOST' }));
    second.release();
  });

  it('is taken over from a process that died', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    writeFileSync(path, JSON.stringify({ pid: child.pid, startedAt: '1', token: 'dead' }));

    const lock = SessionLock.acquire(path, 'mine');

    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid, token: 'mine' });
    lock.release();
  });

  it('is taken over from a process whose number was given to another one', () => {
    writeFileSync(path, JSON.stringify({ pid: process.pid, startedAt: 'long ago', token: 'dead' }));

    expect(() => SessionLock.acquire(path, 'mine').release()).not.toThrow();
  });

  it('is taken over when its holder died while writing it', () => {
    writeFileSync(path, '');

    expect(() => SessionLock.acquire(path, 'mine').release()).not.toThrow();
  });

  it('is taken over although the one who took it over before died in the middle of it', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    const dead = { pid: child.pid, startedAt: '1' };
    writeFileSync(path, JSON.stringify({ ...dead, token: 'first' }));
    const claim = `${path}.after-${createHash('sha256').update(`${child.pid} 1 first`).digest('hex').slice(0, 16)}`;
    writeFileSync(claim, JSON.stringify({ ...dead, token: 'second' }));

    const lock = SessionLock.acquire(path, 'mine');

    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid, token: 'mine' });
    expect(readdirSync(folder)).toEqual(['lock']);
    lock.release();
  });

  it('is not given up for someone who took it over', () => {
    const first = SessionLock.acquire(path, 'first');
    writeFileSync(path, JSON.stringify({ pid: process.pid, startedAt: 'x', token: 'other' }));

    first.release();

    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ token: 'other' });
  });
});
