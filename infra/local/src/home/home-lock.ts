import { open, readFile, rename, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { StartError } from '../stack/start-error.ts';
import { identifyProcess, isSameProcessAlive } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';

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
    const me = JSON.stringify(identifyProcess(process.pid));
    for (let attempt = 0; attempt < 5; attempt += 1) {
      if (await createExclusively(path, me)) return new HomeLock(path);
      const content = await readFile(path, 'utf8').catch(() => undefined);
      if (content === undefined) continue;
      const owner = parseOwner(content);
      if (owner !== undefined && isSameProcessAlive(owner)) {
        throw new StartError(
          `Steward already runs on ${home} (process ${owner.pid}). Stop it first, or choose another folder with --home DIR.`,
        );
      }
      await setAside(path, content);
    }
    throw new StartError(`The lock of ${home} changes hands all the time. Stop the other starts and try again.`);
  }

  /** Gives the lock back. */
  async release(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}

async function createExclusively(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(content);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves a stale lock away; when somebody else renewed it in between, theirs is put back. */
async function setAside(path: string, stale: string): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  if ((await readFile(aside, 'utf8')) === stale) await rm(aside, { force: true });
  else await rename(aside, path);
}

function parseOwner(content: string): ProcessIdentity | undefined {
  try {
    const owner = JSON.parse(content) as ProcessIdentity;
    return typeof owner.pid === 'number' ? owner : undefined;
  } catch {
    return undefined;
  }
}
