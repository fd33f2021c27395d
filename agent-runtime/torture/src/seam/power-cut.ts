import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { seededRandom } from '../random.ts';

/** A file by what the disk surely holds of it. */
interface Kept {
  /** Undefined: nothing, the file was made and never flushed. */
  durable: Buffer;
  dirty: boolean;
}

/** What a name stood for. */
interface Named {
  readonly ino: number;
  readonly mode: number;
  readonly kept: Kept | undefined;
}

/**
 * What a machine that loses its power would have kept. Follows every write, flush, rename and folder flush, and puts
 * the real files into one of the states that a disk may be left in: content since the last flush is lost, kept, cut
 * off in the middle, or replaced by zeros; names since the last flush of their folder are as before or as after.
 */
export class PowerCut {
  /** By inode. */
  readonly #files = new Map<number, Kept>();
  /** Names that changed since their folder was flushed, with what they stood for before; undefined: nothing. */
  readonly #names = new Map<string, Named | undefined>();
  /** Names under which a file is being made: its number may have been that of a file that is gone. */
  readonly #making = new Set<string>();

  /** A file is about to be opened for writing or replaced as a whole. */
  beforeOpen(path: string): void {
    const stats = fs.lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined) {
      this.#noteName(path);
      this.#making.add(path);
    } else if (stats.isFile() && !this.#files.has(stats.ino))
      this.#files.set(stats.ino, { durable: fs.readFileSync(path), dirty: false });
  }

  /** It was opened; a file that is new holds nothing durable yet. */
  afterOpen(path: string): void {
    const stats = fs.lstatSync(path, { throwIfNoEntry: false });
    const isNew = this.#making.delete(path);
    if (stats?.isFile() === true && (isNew || !this.#files.has(stats.ino)))
      this.#files.set(stats.ino, { durable: Buffer.alloc(0), dirty: true });
  }

  /** A name is about to be made, removed or replaced. */
  beforeName(path: string): void {
    const stats = fs.lstatSync(path, { throwIfNoEntry: false });
    if (stats?.isFile() === true && !this.#files.has(stats.ino))
      this.#files.set(stats.ino, { durable: fs.readFileSync(path), dirty: false });
    this.#noteName(path);
  }

  written(path: string): void {
    const stats = fs.lstatSync(path, { throwIfNoEntry: false });
    const kept = stats === undefined ? undefined : this.#files.get(stats.ino);
    if (kept !== undefined) kept.dirty = true;
  }

  /** Everything written to the file before now is on the disk. */
  flushed(path: string): void {
    const stats = fs.lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return;
    if (stats.isDirectory()) {
      for (const name of this.#names.keys()) if (dirname(name) === path) this.#names.delete(name);
    } else {
      const durable = fs.readFileSync(path);
      const kept = this.#files.get(stats.ino);
      if (kept === undefined) this.#files.set(stats.ino, { durable, dirty: false });
      else Object.assign(kept, { durable, dirty: false });
    }
  }

  /** Puts the real files into a state that the disk could have been left in. */
  cut(seed: number): void {
    const random = seededRandom(seed);
    const present = new Map<number, string>();
    // Deeper names first, so that a folder that was never flushed is empty when it goes.
    const names = [...this.#names].sort(([a], [b]) => b.length - a.length);
    for (const [path] of names) noteInode(present, path);
    for (const [ino, kept] of this.#files) if (kept.dirty) this.#findName(present, ino);
    for (const [ino, kept] of this.#files) {
      const path = present.get(ino);
      if (kept.dirty && path !== undefined)
        fs.writeFileSync(path, leftOver(kept.durable, fs.readFileSync(path), random));
    }
    for (const [path, before] of names) if (random() < 0.5) this.#revertName(path, before);
  }

  #noteName(path: string): void {
    if (this.#names.has(path)) return;
    const stats = fs.lstatSync(path, { throwIfNoEntry: false });
    const kept = stats === undefined ? undefined : this.#files.get(stats.ino);
    this.#names.set(path, stats === undefined ? undefined : { ino: stats.ino, mode: stats.mode, kept });
  }

  #findName(present: Map<number, string>, ino: number): void {
    if (present.has(ino)) return;
    const known = this.#paths.get(ino);
    if (known !== undefined) noteInode(present, known);
  }

  readonly #paths = new Map<number, string>();

  /** Remembers where a file is, for the cut. */
  seen(path: string): void {
    const stats = fs.lstatSync(path, { throwIfNoEntry: false });
    if (stats?.isFile() === true) this.#paths.set(stats.ino, path);
  }

  #revertName(path: string, before: Named | undefined): void {
    const now = fs.lstatSync(path, { throwIfNoEntry: false });
    if (before !== undefined && now?.ino === before.ino) return;
    if (now !== undefined) fs.rmSync(path, { recursive: true, force: true });
    const kept = before?.kept;
    if (before === undefined || kept === undefined || !fs.existsSync(dirname(path))) return;
    const temporary = join(dirname(path), `.power-${basename(path)}`);
    fs.writeFileSync(temporary, kept.durable, { mode: before.mode & 0o777 });
    fs.renameSync(temporary, path);
  }
}

function noteInode(present: Map<number, string>, path: string): void {
  const stats = fs.lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() === true) present.set(stats.ino, path);
}

/** One of the contents that a file may have when what was written since the last flush is uncertain. */
function leftOver(durable: Buffer, now: Buffer, random: () => number): Buffer {
  const choice = random();
  if (choice < 0.4) return durable;
  if (choice < 0.6 || now.length <= durable.length) return now;
  const cut = durable.length + Math.floor(random() * (now.length - durable.length));
  if (choice < 0.85) return now.subarray(0, cut);
  // The length reached the disk and some sectors did not.
  const sector = Math.ceil(cut / 512) * 512;
  return sector >= now.length
    ? now.subarray(0, cut)
    : Buffer.concat([now.subarray(0, sector), Buffer.alloc(now.length - sector)]);
}
