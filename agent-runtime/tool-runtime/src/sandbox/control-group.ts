import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readdir, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { findGroupPlaces, type GroupPlace, type ResourceLimits } from './resource-limits.ts';

/** Control groups of one command. */
export interface ControlGroup {
  /** Files that a process writes 0 to in order to join. */
  readonly joinFiles: readonly string[];
  /** Removes the groups once their processes are gone. */
  close(): void;
}

const retryMs = 100;
const groupName = 'steward-';
/** Long past the moment between making a group and joining it, for every other runtime of this machine. */
const forgottenAfterMs = 3_600_000;

const none: ControlGroup = { joinFiles: [], close: () => undefined };

/**
 * Makes groups that bound processes and memory where this process may make any, which mostly means an administrator's
 * machine or a container; nothing elsewhere. Never throws.
 */
export function openControlGroup(limits: ResourceLimits): ControlGroup {
  if (process.getuid?.() !== 0) return none;
  const places = groupPlaces();
  const name = `${groupName}${randomBytes(8).toString('hex')}`;
  /** The file to join by, by folder. */
  const made = new Map<string, string>();
  const bound = (place: GroupPlace | undefined, value: number): void => {
    if (place === undefined) return;
    const folder = path.join(place.folder, name);
    try {
      if (!made.has(folder)) mkdirSync(folder);
      made.set(folder, path.join(folder, place.joinFile));
      writeFileSync(path.join(folder, place.limitFile), String(value));
    } catch {
      // A machine that lends no groups still has the limits per process and the watch over all of them.
    }
  };
  bound(places.processes, limits.processes);
  bound(places.memory, limits.memoryBytes);
  return {
    joinFiles: [...made.values()],
    close: () => [...made.keys()].forEach((folder) => removeGroup(folder)),
  };
}

/**
 * Removes groups that runtimes left behind which were killed: those of the given folders that are an hour old and have
 * no process. Never rejects.
 */
export async function removeForgottenGroups(now: Date, folders: readonly string[] = groupFolders()): Promise<void> {
  for (const parent of new Set(folders)) {
    const names = await readdir(parent).catch(() => []);
    for (const folder of names.filter((name) => name.startsWith(groupName)).map((name) => path.join(parent, name))) {
      const age = await stat(folder).then(
        ({ mtimeMs }) => now.getTime() - mtimeMs,
        () => 0,
      );
      // The system refuses to remove one that has a process.
      if (age > forgottenAfterMs) await rmdir(folder).catch(() => undefined);
    }
  }
}

function groupFolders(): string[] {
  if (process.getuid?.() !== 0) return [];
  const { processes, memory } = groupPlaces();
  return [processes, memory].flatMap((place) => place?.folder ?? []);
}

function groupPlaces(): ReturnType<typeof findGroupPlaces> {
  return findGroupPlaces(existsSync, () => readFileSync('/sys/fs/cgroup/cgroup.subtree_control', 'utf8'));
}

/**
 * The last process may still be on its way out, so it is tried again a few times. Nobody waits: the system takes a
 * millisecond or more for it.
 */
function removeGroup(folder: string, triesLeft = 20): void {
  rmdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && triesLeft > 0) setTimeout(() => removeGroup(folder, triesLeft - 1), retryMs).unref();
  });
}
