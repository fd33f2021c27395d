import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { findGroupPlaces, type ResourceLimits } from './resource-limits.ts';

/** Control groups of one command. */
export interface ControlGroup {
  /** Files that a process writes 0 to in order to join. */
  readonly joinFiles: readonly string[];
  /** Removes the groups once their processes are gone. */
  close(): void;
}

const retryMs = 100;

const none: ControlGroup = { joinFiles: [], close: () => undefined };

/**
 * Makes groups that bound processes and memory where this process may make any, which mostly means an administrator's
 * machine or a container; nothing elsewhere. Never throws.
 */
export function openControlGroup(limits: ResourceLimits): ControlGroup {
  if (process.getuid?.() !== 0) return none;
  const places = findGroupPlaces(existsSync, () => readFileSync('/sys/fs/cgroup/cgroup.subtree_control', 'utf8'));
  const name = `steward-${randomBytes(8).toString('hex')}`;
  const made = new Set<string>();
  const bound = (place: { folder: string; limitFile: string } | undefined, value: number): void => {
    if (place === undefined) return;
    const folder = path.join(place.folder, name);
    try {
      if (!made.has(folder)) mkdirSync(folder);
      made.add(folder);
      writeFileSync(path.join(folder, place.limitFile), String(value));
    } catch {
      // A machine that lends no groups still has the limits per process and the watch over all of them.
    }
  };
  bound(places.processes, limits.processes);
  bound(places.memory, limits.memoryBytes);
  return {
    joinFiles: [...made].map((folder) => path.join(folder, 'cgroup.procs')),
    close: () => made.forEach((folder) => removeGroup(folder)),
  };
}

/** The last process may still be on its way out, so it is tried again a few times. */
function removeGroup(folder: string, triesLeft = 20): void {
  try {
    rmdirSync(folder);
  } catch {
    if (triesLeft > 0) setTimeout(() => removeGroup(folder, triesLeft - 1), retryMs).unref();
  }
}
