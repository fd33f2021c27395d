import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
  type Stats,
} from 'node:fs';
import path from 'node:path';
import { StewardError } from '@steward/sdk';
import type { ToolWalls } from '@steward/tool-port';
import { systemCodeOf } from '../problem.ts';
import { assertInside, hasHandlePaths, pathThrough } from './guarded-open.ts';
import { realPathOf } from './resolve.ts';

type PathCheck = Pick<ToolWalls, 'checkPath'>;

const folderFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_DIRECTORY ?? 0);

/** The folder of a file that is about to change, held open. */
interface HeldParent {
  readonly fd: number;
  readonly realPath: string;
  readonly name: string;
}

/**
 * Replaces or creates a file: temporary name in the same folder, flush, rename, flush the folder. Keeps mode and,
 * where permitted, owner. On any error the old content is untouched. Throws CAPABILITY_DENIED outside the walls.
 * @param mode permission bits for a new file; an existing file keeps its own
 * @param writer who writes, for the temporary name: what a process that died has left can be found by it
 */
export function writeAtomically(
  target: string,
  content: Uint8Array,
  walls: PathCheck,
  mode?: number,
  writer = randomBytes(9).toString('base64url'),
): void {
  withParent(target, walls, 'File.Write', true, (parent) => {
    const existing = existingFile(parent);
    const temporary = temporaryName(writer);
    const at = pathThrough(parent, temporary);
    const fd = openSync(
      at,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0),
      existing === undefined ? (mode ?? 0o666) : 0o600,
    );
    try {
      for (let done = 0; done < content.length;) done += writeSync(fd, content, done);
      keepAttributes(fd, existing, mode);
      fsyncSync(fd);
      assertStillThere(parent);
      renameSync(at, pathThrough(parent, parent.name));
    } catch (error) {
      tryUnlink(at);
      throw error;
    } finally {
      closeSync(fd);
    }
    flushFolder(parent.fd);
  });
}

/** Removes what a process that died while it wrote `target` has left beside it. Throws what the system refuses. */
export function removeTemporary(target: string, writer: string): void {
  rmSync(path.join(path.dirname(target), temporaryName(writer)), { force: true });
}

function temporaryName(writer: string): string {
  return `.steward-${writer}.tmp`;
}

/** Removes a file, not a folder and not a link. The caller has kept its content. */
export function removeFile(target: string, walls: PathCheck): void {
  withParent(target, walls, 'File.Delete', false, (parent) => {
    if (existingFile(parent) === undefined) throw new StewardError('FILE_NOT_FOUND', `${target} does not exist.`);
    assertStillThere(parent);
    unlinkSync(pathThrough(parent, parent.name));
    flushFolder(parent.fd);
  });
}

function withParent(
  target: string,
  walls: PathCheck,
  capability: 'File.Write' | 'File.Delete',
  create: boolean,
  act: (parent: HeldParent) => void,
): void {
  const realPath = realPathOf(target);
  assertInside(walls, capability, realPath);
  const parent = openParent(realPath, create);
  try {
    act(parent);
  } finally {
    closeSync(parent.fd);
  }
}

/** Descends from the deepest existing folder, creating what is missing, each step through the handle of the last. */
function openParent(realPath: string, create: boolean): HeldParent {
  const name = path.basename(realPath);
  const folder = path.dirname(realPath);
  const missing: string[] = [];
  let existing = folder;
  while (create && !isThere(existing) && path.dirname(existing) !== existing) {
    missing.unshift(path.basename(existing));
    existing = path.dirname(existing);
  }
  let parent: HeldParent = { fd: openSync(existing, folderFlags), realPath: existing, name };
  try {
    assertStillThere(parent);
    for (const step of missing) {
      makeFolder(pathThrough(parent, step));
      flushFolder(parent.fd);
      const fd = openSync(pathThrough(parent, step), folderFlags);
      closeSync(parent.fd);
      parent = { fd, realPath: path.join(parent.realPath, step), name };
      assertStillThere(parent);
    }
    return parent;
  } catch (error) {
    closeSync(parent.fd);
    throw error;
  }
}

/** The handle must still be the folder that the walls judged; one that was moved or swapped is refused. */
function assertStillThere(parent: HeldParent): void {
  const now = hasHandlePaths ? readlinkSync(`/proc/self/fd/${parent.fd}`) : realpathSync.native(parent.realPath);
  let same = now === parent.realPath;
  if (same && !hasHandlePaths) {
    const byName = statSync(now);
    const byHandle = fstatSync(parent.fd);
    same = byName.ino === byHandle.ino && byName.dev === byHandle.dev;
  }
  if (!same)
    throw new StewardError('CONFLICT', `${parent.realPath} was moved or replaced while it was used. Try again.`);
}

function existingFile(parent: HeldParent): Stats | undefined {
  const at = pathThrough(parent, parent.name);
  let stats: Stats;
  try {
    stats = lstatSync(at);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  const shown = path.join(parent.realPath, parent.name);
  if (stats.isSymbolicLink())
    throw new StewardError(
      'CONFLICT',
      `${shown} is a symbolic link, or became one while it was used. Use the file it points to.`,
    );
  if (stats.isDirectory()) throw new StewardError('INVALID_REQUEST', `${shown} is a folder. Name a file inside it.`);
  if (!stats.isFile()) throw new StewardError('INVALID_REQUEST', `${shown} is not a regular file.`);
  // Renaming over a file ignores its own permissions; a person who made it read-only meant it.
  accessSync(at, constants.W_OK);
  return stats;
}

function keepAttributes(fd: number, existing: Stats | undefined, mode: number | undefined): void {
  if (existing === undefined) {
    if (mode !== undefined) fchmodSync(fd, mode);
    return;
  }
  if (existing.uid !== fstatSync(fd).uid || existing.gid !== fstatSync(fd).gid) {
    try {
      fchownSync(fd, existing.uid, existing.gid);
    } catch {
      // Only an administrator may give files away; the content matters more than the owner.
    }
  }
  fchmodSync(fd, existing.mode & 0o7777);
}

function makeFolder(at: string): void {
  try {
    mkdirSync(at);
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') throw error;
  }
}

function isThere(at: string): boolean {
  return lstatSync(at, { throwIfNoEntry: false }) !== undefined;
}

function tryUnlink(at: string): void {
  try {
    unlinkSync(at);
  } catch {
    // Renamed already, or the folder is gone; the first error tells the story.
  }
}

function flushFolder(fd: number): void {
  try {
    fsyncSync(fd);
  } catch (error) {
    // Some file systems can't flush a folder; the rename itself has happened.
    if (systemCodeOf(error) !== 'EINVAL' && systemCodeOf(error) !== 'EPERM') throw error;
  }
}
