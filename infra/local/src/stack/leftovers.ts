import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readTextIfPresent, writePrivateFile } from '../home/private-file.ts';
import { identifyProcess, isSameProcessAlive } from '../home/process-identity.ts';
import type { ProcessIdentity } from '../home/process-identity.ts';

const GONE_WITHIN_MS = 3000;
const PAUSE_MS = 20;

/** Records the running processes, so that a start after a hard kill of the supervisor can end what it left behind. */
export async function recordProcesses(runFolder: string, pids: readonly number[]): Promise<void> {
  const known = pids.flatMap((pid) => identifyProcess(pid) ?? []);
  await writePrivateFile(join(runFolder, 'processes.json'), JSON.stringify(known));
}

/**
 * Ends processes that an earlier, killed stack left running on this home; returns how many. Only where the platform
 * proves that a process number still means the recorded process; elsewhere nothing is touched.
 */
export async function endLeftovers(runFolder: string): Promise<number> {
  const text = await readTextIfPresent(join(runFolder, 'processes.json'));
  const recorded = parse(text).filter((entry) => entry.startedAt !== '' && isSameProcessAlive(entry));
  for (const { pid } of recorded) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended on its own.
    }
  }
  // Their ports and the database file are free only once they are really gone.
  for (let waited = 0; waited < GONE_WITHIN_MS && recorded.some(isSameProcessAlive); waited += PAUSE_MS) {
    await wait(PAUSE_MS);
  }
  return recorded.length;
}

function parse(text: string | undefined): ProcessIdentity[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(value) ? (value as ProcessIdentity[]).filter((entry) => typeof entry?.pid === 'number') : [];
  } catch {
    return [];
  }
}
