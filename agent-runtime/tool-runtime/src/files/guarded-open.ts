/**
 * Opening is where the policy's word on a path becomes an effect, so the order is always: resolve, ask, open without
 * following a link, find out where the handle really leads, ask again. A link swapped in between gains nothing.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, realpathSync, type Stats } from 'node:fs';
import { StewardError } from '@steward/sdk';
import type { ToolWalls } from '@steward/tool-port';
import { outsideWalls } from '../problem.ts';
import { realPathOf } from './resolve.ts';

type FileCapability = 'File.Read' | 'File.Write' | 'File.Delete';
type PathCheck = Pick<ToolWalls, 'checkPath'>;

/** An open file whose place has been checked; the caller closes it. */
export interface GuardedFile {
  readonly fd: number;
  readonly realPath: string;
  readonly stats: Stats;
}

const noFollow = constants.O_NOFOLLOW ?? 0;
const nonBlock = constants.O_NONBLOCK ?? 0;
const directoryOnly = constants.O_DIRECTORY ?? 0;

/** Whether a handle's real path can be asked of the kernel. */
export const hasHandlePaths = process.platform === 'linux';

/** Opens a regular file for reading. Throws CAPABILITY_DENIED outside the walls, system errors otherwise. */
export function openForReading(
  absolute: string,
  walls: PathCheck,
  capability: FileCapability = 'File.Read',
): GuardedFile {
  const realPath = realPathOf(absolute);
  assertInside(walls, capability, realPath);
  // Without O_NONBLOCK a named pipe would hang the open for ever.
  const fd = openSync(realPath, constants.O_RDONLY | noFollow | nonBlock);
  try {
    const stats = fstatSync(fd);
    if (stats.isDirectory())
      throw new StewardError('INVALID_REQUEST', `${absolute} is a folder. Name a file inside it.`);
    if (!stats.isFile()) throw new StewardError('INVALID_REQUEST', `${absolute} is not a regular file.`);
    const opened = pathOfHandle(fd, realPath, stats);
    assertInside(walls, capability, opened);
    return { fd, realPath: opened, stats };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Opens a folder; its content is then read through `pathThrough(fd)`, so that a swapped parent changes nothing. */
export function openFolder(
  absolute: string,
  walls: PathCheck,
  capability: FileCapability = 'File.Read',
): { fd: number; realPath: string } {
  const realPath = realPathOf(absolute);
  assertInside(walls, capability, realPath);
  const fd = openSync(realPath, constants.O_RDONLY | noFollow | directoryOnly | nonBlock);
  try {
    const stats = fstatSync(fd);
    if (!stats.isDirectory()) throw new StewardError('INVALID_REQUEST', `${absolute} is not a folder.`);
    const opened = pathOfHandle(fd, realPath, stats);
    assertInside(walls, capability, opened);
    return { fd, realPath: opened };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** A path that reaches into an open folder: through the handle on Linux, by its name elsewhere. */
export function pathThrough(folder: { readonly fd: number; readonly realPath: string }, name?: string): string {
  const base = hasHandlePaths ? `/proc/self/fd/${folder.fd}` : folder.realPath;
  return name === undefined ? base : `${base}/${name}`;
}

/** Where an open handle really leads now. Throws ELOOP-like refusal when the name meanwhile means another file. */
export function pathOfHandle(fd: number, openedAs: string, stats: Stats): string {
  if (hasHandlePaths) return readlinkSync(`/proc/self/fd/${fd}`);
  const now = realpathSync.native(openedAs);
  const there = lstatSync(now);
  if (there.dev !== stats.dev || there.ino !== stats.ino) {
    throw new StewardError('CONFLICT', `${openedAs} was replaced while it was opened. Try again.`);
  }
  return now;
}

/** Throws CAPABILITY_DENIED unless the walls allow the real path. */
export function assertInside(walls: PathCheck, capability: FileCapability, realPath: string): void {
  if (!walls.checkPath(capability, realPath)) throw outsideWalls(capability, realPath);
}
