import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { StewardError } from '@steward/sdk';

interface Holder {
  readonly pid: number;
  /** Start time of the process where the platform tells it, so that a reused number is not mistaken for it. */
  readonly startedAt: string;
  readonly token: string;
}

const takeoverPatienceMs = 10_000;

/**
 * The lock of one session's journal: one process at a time. Held until `release`. A holder that died is replaced;
 * a living one makes `acquire` throw LEASE_LOST.
 */
export class SessionLock {
  readonly #path: string;
  readonly #token: string;

  private constructor(path: string, token: string) {
    this.#path = path;
    this.#token = token;
  }

  static acquire(path: string, token: string): SessionLock {
    const me: Holder = { pid: process.pid, startedAt: startTime(process.pid), token };
    if (createExclusive(path, me)) return new SessionLock(path, token);
    const guard = `${path}.takeover`;
    if (!createExclusive(guard, me)) {
      // The guard is held for microseconds; an old one was left by a process killed inside them.
      if (Date.now() - modifiedAt(guard) < takeoverPatienceMs) throw heldBy(undefined);
      rmSync(guard, { force: true });
      if (!createExclusive(guard, me)) throw heldBy(undefined);
    }
    try {
      const holder = readHolder(path);
      if (holder !== undefined && isAlive(holder)) throw heldBy(holder);
      const next = `${path}.${process.pid}`;
      writeFileSync(next, JSON.stringify(me), { mode: 0o600 });
      renameSync(next, path);
    } finally {
      rmSync(guard, { force: true });
    }
    return new SessionLock(path, token);
  }

  /** True when a living process holds the lock at this path. */
  static isHeld(path: string): boolean {
    const holder = readHolder(path);
    return holder !== undefined && isAlive(holder);
  }

  /** Gives the lock up unless someone else holds it by now. */
  release(): void {
    if (readHolder(this.#path)?.token === this.#token) rmSync(this.#path, { force: true });
  }
}

function createExclusive(path: string, holder: Holder): boolean {
  try {
    const fd = openSync(path, 'wx', 0o600);
    writeSync(fd, JSON.stringify(holder));
    closeSync(fd);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const state = processState(holder.pid);
  // A zombie has ended; only its parent has not looked yet.
  return state?.zombie !== true && (state?.startedAt ?? '') === holder.startedAt;
}

function startTime(pid: number): string {
  return processState(pid)?.startedAt ?? '';
}

function processState(pid: number): { startedAt: string; zombie: boolean } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program's name in parentheses may hold spaces; state and start time are the 1st and 20th field behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { startedAt: fields[19] ?? '', zombie: fields[0] === 'Z' };
  } catch {
    return undefined;
  }
}

function modifiedAt(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

function heldBy(holder: Holder | undefined): StewardError {
  const who = holder === undefined ? 'Another runtime' : `The runtime with process id ${holder.pid}`;
  return new StewardError('LEASE_LOST', `${who} is working on this conversation. Close it there first.`, {
    details: holder === undefined ? {} : { pid: holder.pid },
  });
}
