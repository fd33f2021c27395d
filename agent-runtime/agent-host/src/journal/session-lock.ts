import { createHash } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { StewardError } from '@steward/sdk';

interface Holder {
  readonly pid: number;
  /** Start time of the process where the platform tells it, so that a reused number is not mistaken for it. */
  readonly startedAt: string;
  readonly token: string;
}

const withoutLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/**
 * The lock of one session's journal: one process at a time. Held until `release`. A holder that died is replaced;
 * a living one makes `acquire` throw LEASE_LOST.
 */
export class SessionLock {
  /** What this process holds, as path and token: a file of this process that is not among it was given up already. */
  static readonly #mine = new Set<string>();
  readonly #path: string;
  readonly #token: string;

  private constructor(path: string, token: string) {
    this.#path = path;
    this.#token = token;
    SessionLock.#mine.add(entryOf(path, token));
  }

  /**
   * Takes the lock. That of a holder who died is replaced under a claim, itself a lock, that is named after this very
   * holder: two who find the same dead holder can't both replace it, and a claim whose owner died is taken over in the
   * same way.
   */
  static acquire(path: string, token: string): SessionLock {
    const me: Holder = { pid: process.pid, startedAt: startTime(process.pid), token };
    if (createExclusive(path, me)) return new SessionLock(path, token);
    const holder = readHolder(path);
    if (holder !== undefined && SessionLock.#holds(path, holder)) throw heldBy(holder);
    const claim = SessionLock.acquire(`${path}.after-${nameOf(holder)}`, token);
    try {
      // Meanwhile another one may have replaced the dead holder and given up the claim.
      const now = readHolder(path);
      if (nameOf(now) !== nameOf(holder)) throw heldBy(now);
      const next = `${path}.${process.pid}`;
      writeFileSync(next, JSON.stringify(me), { mode: 0o600 });
      renameSync(next, path);
    } finally {
      claim.release();
    }
    return new SessionLock(path, token);
  }

  /** True when a living process holds the lock at this path. */
  static isHeld(path: string): boolean {
    const holder = readHolder(path);
    return holder !== undefined && SessionLock.#holds(path, holder);
  }

  static #holds(path: string, holder: Holder): boolean {
    return isAlive(holder) && (holder.pid !== process.pid || SessionLock.#mine.has(entryOf(path, holder.token)));
  }

  /**
   * Gives the lock up unless someone else holds it by now. Never throws: a file that the disk does not let go of counts
   * for nothing and is replaced by whoever comes next.
   */
  release(): void {
    SessionLock.#mine.delete(entryOf(this.#path, this.#token));
    try {
      if (readHolder(this.#path)?.token === this.#token) rmSync(this.#path, { force: true });
    } catch {
      // For others it is the file of a dead holder once this process has ended.
    }
  }
}

function entryOf(path: string, token: string): string {
  return `${path}\0${token}`;
}

/** Makes the file with its content in one step, so that nobody ever reads a half of it. */
function createExclusive(path: string, holder: Holder): boolean {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (!withoutLinks.has(code)) throw error;
    return createInPlace(path, holder);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** For file systems that have no second name for a file: whoever dies between the two steps leaves an empty lock. */
function createInPlace(path: string, holder: Holder): boolean {
  try {
    writeFileSync(path, JSON.stringify(holder), { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** A name for a holder in a file name; one that can't be read was left by a power cut. */
function nameOf(holder: Holder | undefined): string {
  return holder === undefined
    ? 'nobody'
    : createHash('sha256').update(`${holder.pid} ${holder.startedAt} ${holder.token}`).digest('hex').slice(0, 16);
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

function heldBy(holder: Holder | undefined): StewardError {
  const who = holder === undefined ? 'Another runtime' : `The runtime with process id ${holder.pid}`;
  return new StewardError('LEASE_LOST', `${who} is working on this conversation. Close it there first.`, {
    details: holder === undefined ? {} : { pid: holder.pid },
  });
}
