import { readFileSync, statfsSync } from 'node:fs';
import type { ProcessTree } from './process-tree.ts';

/** What a command has to leave of the machine. */
export interface WatchedLimits {
  readonly processes: number;
  readonly memoryBytes: number;
  /** Space that has to stay free on the disk of the folder. */
  readonly diskReserveBytes: number;
  readonly folder: string;
}

/** Which bound was passed. */
export type Excess = 'processes' | 'memory' | 'disk';

const intervalMs = 200;
/** Where the system bounds processes too, a command that keeps trying never gets past its bound. */
const nearlyAll = 0.9;

/**
 * Looks at what a command and everything that it started use, and tells once when it is too much. It stands behind the
 * limits of the system, which count single processes, or differ from one machine to the next. Call the returned
 * function when the command has ended.
 */
export function watchResources(tree: ProcessTree, limits: WatchedLimits, tell: (excess: Excess) => void): () => void {
  const timer = setInterval(() => {
    const excess = excessOf(tree, limits);
    if (excess === undefined) return;
    clearInterval(timer);
    tell(excess);
  }, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}

function excessOf(tree: ProcessTree, limits: WatchedLimits): Excess | undefined {
  const members = tree.members();
  if (members.length >= limits.processes * nearlyAll) return 'processes';
  let memory = 0;
  for (const pid of members) memory += ownMemoryOf(pid);
  if (memory > limits.memoryBytes) return 'memory';
  return freeBytes(limits.folder) < limits.diskReserveBytes ? 'disk' : undefined;
}

/** Memory that a process shares with no file; pages shared after a fork count for each. */
function ownMemoryOf(pid: number): number {
  try {
    const line = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Number(line?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return Infinity;
  }
}
