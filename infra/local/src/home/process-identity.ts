import { readFileSync } from 'node:fs';

/** A process that can be recognised later, even when its number was given to another one. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in kernel ticks where the platform tells it (Linux), else an empty string. */
  readonly startedAt: string;
}

/** The identity of a living process, or `undefined` when there is none with this number. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM means that the process lives and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  return { pid, startedAt: startTime(pid) };
}

/** True when the recorded process still runs. */
export function isSameProcessAlive(recorded: ProcessIdentity): boolean {
  const current = identifyProcess(recorded.pid);
  return current !== undefined && current.startedAt === recorded.startedAt;
}

function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The process name in parentheses may contain spaces; the start time is the 20th field after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
