import { constants, copyFile, link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { StartError } from '../stack/start-error.ts';
import { identifyProcess, isSameProcessAlive } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** What file systems answer that have no second name for a file. */
const withoutLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/**
 * Keeps a home to one stack at a time: a file with the owner's process. A lock whose process is gone is taken over.
 */
export class HomeLock {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Takes the lock; throws {@link StartError} when another stack runs on this home. */
  static async acquire(runFolder: string, home: string): Promise<HomeLock> {
    const path = join(runFolder, 'stack.lock');
    await take(path, home);
    return new HomeLock(path);
  }

  /** Gives the lock back. */
  async release(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}

/**
 * Takes the lock at a path. That of an owner who is gone is replaced under a claim, itself a lock, that is named after
 * what stands in it: two who find the same can't both replace it, and a claim whose owner is gone is taken over likewise.
 */
async function take(path: string, home: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, JSON.stringify(identifyProcess(process.pid)), { mode: 0o600, flag: 'wx' });
  try {
    // Linked, so that nobody ever reads half of it.
    if (await linked(draft, path)) return;
    const content = await readFile(path, 'utf8').catch(() => undefined);
    // Given back this very moment.
    if (content === undefined) return await take(path, home);
    const owner = parseOwner(content);
    if (owner !== undefined && isSameProcessAlive(owner)) throw inUse(home, owner);
    const claim = `${path}.after-${createHash('sha256').update(content).digest('hex').slice(0, 16)}`;
    await take(claim, home);
    try {
      // Meanwhile another one may have replaced the owner who is gone, and given up the claim.
      const now = await readFile(path, 'utf8').catch(() => undefined);
      if (now !== content) throw inUse(home, parseOwner(now ?? ''));
      await rename(draft, path);
    } finally {
      await rm(claim, { force: true });
    }
  } finally {
    await rm(draft, { force: true });
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (!withoutLinks.has(code)) throw error;
    return copyFile(from, to, constants.COPYFILE_EXCL).then(
      () => true,
      (reason: NodeJS.ErrnoException) => {
        if (reason.code === 'EEXIST') return false;
        throw reason;
      },
    );
  }
}

function inUse(home: string, owner: ProcessIdentity | undefined): StartError {
  const who = owner === undefined ? '' : ` (process ${owner.pid})`;
  return new StartError(
    `Steward already runs on ${home}${who}. Stop it first, or choose another folder with --home DIR.`,
  );
}

function parseOwner(content: string): ProcessIdentity | undefined {
  try {
    const owner = JSON.parse(content) as ProcessIdentity;
    return typeof owner.pid === 'number' ? owner : undefined;
  } catch {
    return undefined;
  }
}
