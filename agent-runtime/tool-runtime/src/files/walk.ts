import { closeSync, readdirSync, readlinkSync, type Dirent } from 'node:fs';
import path from 'node:path';
import type { ToolWalls } from '@steward/tool-port';
import { openFolder, pathThrough } from './guarded-open.ts';
import { IgnoreRules } from './ignore-rules.ts';

/** One thing that a walk meets. */
export interface WalkEntry {
  /** Real path: links are named, never followed. */
  readonly path: string;
  /** Relative to the start, with `/`. */
  readonly relative: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  /** Where a link points, as written. */
  readonly linkTarget?: string;
}

/** How far and how long a walk goes. */
export interface WalkOptions {
  readonly walls: Pick<ToolWalls, 'checkPath'>;
  readonly projectDir?: string;
  readonly maxDepth: number;
  readonly maxEntries: number;
  readonly signal: AbortSignal;
}

/** What a walk could not do. */
export interface WalkReport {
  visited: number;
  /** The walk stopped at `maxEntries`. */
  cut: boolean;
  /** Folders that could not be read. */
  unreadable: number;
  /** The signal ended the walk. */
  stopped?: boolean;
}

const sliceMs = 8;

/** Gives the event loop a turn whenever a slice of time is used up. */
export class Breather {
  #since = performance.now();

  /** Resolves at once most of the time. */
  async breathe(): Promise<void> {
    if (performance.now() - this.#since < sliceMs) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#since = performance.now();
  }
}

/**
 * Walks a folder in sorted order, depth first; leaves out ignored entries, `.git` and what the walls refuse, never
 * follows links, stops when the signal aborts. The start itself is not an entry.
 */
export async function* walk(start: string, options: WalkOptions, report: WalkReport): AsyncGenerator<WalkEntry> {
  const mayRead = (file: string): boolean => options.walls.checkPath('File.Read', file);
  const found = await IgnoreRules.forFolder(start, options.projectDir, mayRead);
  // Who names an ignored folder wants to see into it.
  const rules = found.ignores(start, true) ? await IgnoreRules.forFolder(start, undefined, mayRead) : found;
  yield* walkFolder(start, '', 1, rules, { ...options, mayRead, breather: new Breather() }, report);
}

interface Inner extends WalkOptions {
  readonly mayRead: (file: string) => boolean;
  readonly breather: Breather;
}

async function* walkFolder(
  folder: string,
  prefix: string,
  depth: number,
  rules: IgnoreRules,
  options: Inner,
  report: WalkReport,
): AsyncGenerator<WalkEntry> {
  const children = childrenOf(folder, options, depth === 1, report);
  for (const child of children) {
    if (options.signal.aborted) report.stopped = true;
    if (report.stopped === true || report.cut) return;
    const entry: WalkEntry = {
      path: path.join(folder, child.name),
      relative: prefix + child.name,
      kind: child.kind,
      ...(child.linkTarget === undefined ? {} : { linkTarget: child.linkTarget }),
    };
    if (rules.ignores(entry.path, entry.kind === 'folder') || !options.mayRead(entry.path)) continue;
    if (++report.visited > options.maxEntries) {
      report.cut = true;
      return;
    }
    yield entry;
    await options.breather.breathe();
    if (entry.kind === 'folder' && depth < options.maxDepth) {
      yield* walkFolder(
        entry.path,
        `${entry.relative}/`,
        depth + 1,
        rules.enter(entry.path, options.mayRead),
        options,
        report,
      );
    }
  }
}

interface Child {
  readonly name: string;
  readonly kind: WalkEntry['kind'];
  readonly linkTarget?: string;
}

function childrenOf(folder: string, options: Inner, isStart: boolean, report: WalkReport): Child[] {
  try {
    const held = openFolder(folder, options.walls);
    try {
      const children = readdirSync(pathThrough(held), { withFileTypes: true }).map((entry) =>
        childOf(entry, pathThrough(held, entry.name)),
      );
      return children.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    } finally {
      closeSync(held.fd);
    }
  } catch (error) {
    if (isStart) throw error;
    report.unreadable++;
    return [];
  }
}

function childOf(entry: Dirent, at: string): Child {
  if (entry.isFile()) return { name: entry.name, kind: 'file' };
  if (entry.isDirectory()) return { name: entry.name, kind: 'folder' };
  if (!entry.isSymbolicLink()) return { name: entry.name, kind: 'other' };
  try {
    return { name: entry.name, kind: 'link', linkTarget: readlinkSync(at) };
  } catch {
    return { name: entry.name, kind: 'link' };
  }
}
