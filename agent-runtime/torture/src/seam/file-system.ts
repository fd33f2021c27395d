import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { faultPoints } from './fault-points.ts';
import type { Order } from './fault-points.ts';
import { placeOf, realPath } from './places.ts';

type Fs = typeof fs;
type Callback = (error: NodeJS.ErrnoException | null) => void;
// Wrappers pass on whatever they were called with; the real functions check it.
type Loose = (...args: never[]) => unknown;

const writing = fs.constants.O_WRONLY | fs.constants.O_RDWR | fs.constants.O_CREAT;
/** What a full disk still does. */
const freesSpace = new Set(['unlinkSync', 'rmSync', 'ftruncateSync']);
const opened = new Map<number, string>();
const { power } = faultPoints;

/** `node:fs` as one file of the product sees it: every operation that changes or flushes something is a point. */
export function instrumentFileSystem(site: string): Partial<Record<keyof Fs, unknown>> {
  const point = (operation: string, path: string): string => `${operation} ${placeOf(path)} (${site})`;

  const enter = (operation: string, path: string): { name: string; order: Order | undefined } => {
    const name = point(operation, path);
    const order = faultPoints.pass(name, 'before');
    const state = faultPoints.diskState(path);
    if (state !== undefined && (state !== 'ENOSPC' || !freesSpace.has(operation))) throw systemError(state, operation);
    if (order?.kind === 'fail' && order.share === undefined) throw systemError(order.code, operation);
    return { name, order };
  };

  /** An operation on names: `paths` are those that change. */
  const naming =
    (operation: keyof Fs, paths: (args: readonly unknown[]) => readonly string[]) =>
    (...args: unknown[]): unknown => {
      const changed = paths(args).map(realPath);
      const { name } = enter(operation, changed[0]!);
      if (power !== undefined) changed.forEach((path) => power.beforeName(path));
      const result = (fs[operation] as Loose)(...(args as never[]));
      if (operation === 'renameSync') followName(changed[1]!, changed[0]!);
      if (power !== undefined) changed.forEach((path) => power.seen(path));
      faultPoints.pass(name, 'after');
      return result;
    };

  const syncing =
    (operation: 'fsyncSync' | 'fdatasyncSync') =>
    (fd: number): void => {
      const path = opened.get(fd) ?? '';
      const { name } = enter(operation, path);
      fs[operation](fd);
      power?.flushed(path);
      faultPoints.pass(name, 'after');
    };

  const syncingLater =
    (operation: 'fsync' | 'fdatasync') =>
    (fd: number, callback: Callback): void => {
      const path = opened.get(fd) ?? '';
      let name: string;
      try {
        ({ name } = enter(operation, path));
      } catch (error) {
        return void process.nextTick(callback, error as NodeJS.ErrnoException);
      }
      fs[operation](fd, (error) => {
        if (error === null) power?.flushed(path);
        faultPoints.pass(name, 'after');
        callback(error);
      });
    };

  return {
    openSync: (given: string, flags: fs.OpenMode = 'r', mode?: fs.Mode): number => {
      const path = realPath(given);
      const changes = typeof flags === 'number' ? (flags & writing) !== 0 : flags !== 'r';
      if (!changes) return remember(fs.openSync(given, flags, mode), path);
      const { name } = enter('openSync', path);
      power?.beforeOpen(path);
      const fd = remember(fs.openSync(given, flags, mode), path);
      power?.afterOpen(path);
      power?.seen(path);
      faultPoints.pass(name, 'after');
      return fd;
    },
    closeSync: (fd: number): void => {
      opened.delete(fd);
      fs.closeSync(fd);
    },
    writeSync: (fd: number, data: Buffer | string, ...rest: [number?, number?, number?]): number => {
      const path = opened.get(fd) ?? '';
      const { name, order } = enter('writeSync', path);
      const written = writePart(fd, data, rest, order, path);
      power?.written(path);
      faultPoints.pass(name, 'after');
      return written;
    },
    writeFileSync: (given: string, data: string | Buffer, options?: fs.WriteFileOptions): void => {
      const path = realPath(given);
      const { name, order } = enter('writeFileSync', path);
      power?.beforeOpen(path);
      const share = order !== undefined && 'share' in order ? order.share : undefined;
      fs.writeFileSync(given, share === undefined ? data : data.slice(0, Math.floor(data.length * share)), options);
      power?.afterOpen(path);
      power?.seen(path);
      power?.written(path);
      if (order?.kind === 'torn-kill') faultPoints.die();
      if (order?.kind === 'fail') throw systemError(order.code, 'writeFileSync');
      if (order?.kind === 'short') fs.writeFileSync(given, data, options);
      if (typeof options === 'object' && options?.flush === true) power?.flushed(path);
      faultPoints.pass(name, 'after');
    },
    ftruncateSync: (fd: number, length?: number): void => {
      const path = opened.get(fd) ?? '';
      const { name } = enter('ftruncateSync', path);
      fs.ftruncateSync(fd, length);
      power?.written(path);
      faultPoints.pass(name, 'after');
    },
    fsyncSync: syncing('fsyncSync'),
    fdatasyncSync: syncing('fdatasyncSync'),
    fsync: syncingLater('fsync'),
    fdatasync: syncingLater('fdatasync'),
    mkdirSync: (given: string, options?: fs.MakeDirectoryOptions): string | undefined => {
      const path = realPath(given);
      if (fs.existsSync(path) && options?.recursive === true) return undefined;
      const { name } = enter('mkdirSync', path);
      if (power !== undefined)
        for (let folder = path; !fs.existsSync(folder); folder = dirname(folder)) power.beforeName(folder);
      const made = fs.mkdirSync(given, options);
      faultPoints.pass(name, 'after');
      return made;
    },
    renameSync: naming('renameSync', ([from, to]) => [String(to), String(from)]),
    unlinkSync: naming('unlinkSync', ([path]) => [String(path)]),
    rmSync: naming('rmSync', ([path]) => [String(path)]),
    copyFileSync: naming('copyFileSync', ([, to]) => [String(to)]),
    linkSync: naming('linkSync', ([, to]) => [String(to)]),
  };
}

/** A file that is open goes on under its new name. */
function followName(from: string, to: string): void {
  for (const [fd, path] of opened) if (path === from) opened.set(fd, to);
}

function remember(fd: number, path: string): number {
  opened.set(fd, path);
  return fd;
}

/** Writes what the order leaves of the data; returns the bytes that were taken. */
function writePart(
  fd: number,
  data: Buffer | string,
  rest: readonly (number | undefined)[],
  order: Order | undefined,
  path: string,
): number {
  if (typeof data === 'string') {
    if (order !== undefined) fs.writeSync(fd, data.slice(0, Math.floor(data.length * (order.share ?? 0))));
    else return fs.writeSync(fd, data);
    return afterPart(order, data.length, path);
  }
  const [offset = 0, length = data.length - offset, position] = rest;
  if (order === undefined) return fs.writeSync(fd, data, offset, length, position ?? null);
  // A file that takes nothing and reports no error would be asked for ever.
  const part = Math.max(order.kind === 'short' ? 1 : 0, Math.floor(length * (order.share ?? 0)));
  const written = part === 0 ? 0 : fs.writeSync(fd, data, offset, part, position ?? null);
  return afterPart(order, written, path);
}

function afterPart(order: Order, written: number, path: string): number {
  if (order.kind === 'torn-kill') faultPoints.die();
  if (order.kind === 'fail') {
    power?.written(path);
    throw systemError(order.code, 'write');
  }
  return written;
}

function systemError(code: string, operation: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: injected at ${operation}`), {
    code,
    syscall: operation.replace(/Sync$/, ''),
  });
}
