import { dirname } from 'node:path';
import type { JournalFiles } from '@steward/agent-host';
import { seededRandom } from '../random.ts';

/** A folder that is there; everything lies below it. */
const root = '/disk/home';

/** What goes wrong with a disk at one of its operations. */
export type DiskFault =
  /** One operation is refused; a write may have put a share of its bytes down, a flush may have dropped its pages. */
  | { readonly kind: 'fail'; readonly code: string; readonly share: number }
  /** Everything that changes something is refused from here on, until `release`. */
  | { readonly kind: 'fill'; readonly code: string }
  /** The process dies; a write may have put a share of its bytes down. */
  | { readonly kind: 'kill'; readonly share: number }
  /** The power goes: what was not flushed is lost, kept, cut off or replaced by zeros, as the seed decides. */
  | { readonly kind: 'power'; readonly seed: number; readonly share: number };

interface Node {
  /** What a process sees; undefined for a folder. */
  data: Buffer | undefined;
  durable: Buffer;
}

/**
 * A disk in memory for journals: knows what was flushed, contents and names apart, counts its operations, and meets one
 * fault at one of them. Deterministic.
 */
export class MemoryDisk implements JournalFiles {
  /** Operations so far. */
  operations = 0;
  /** True once the process that used it has died. */
  dead = false;
  /** Faults that were met. */
  met = 0;
  readonly #faultAt: number;
  readonly #fault: DiskFault | undefined;
  readonly #names: Map<string, Node>;
  readonly #durableNames: Map<string, Node>;
  readonly #open = new Map<number, Node>();
  #full: string | undefined;
  #nextFd = 3;

  constructor(faultAt = 0, fault?: DiskFault, before?: MemoryDisk) {
    this.#faultAt = faultAt;
    this.#fault = fault;
    this.#names = new Map(before === undefined ? [] : before.#names);
    this.#durableNames = new Map(before === undefined ? [] : before.#durableNames);
  }

  /** The disk as the next process finds it, with its own fault. */
  restarted(faultAt = 0, fault?: DiskFault): MemoryDisk {
    return new MemoryDisk(faultAt, fault, this);
  }

  /** There is room again. */
  release(): void {
    this.#full = undefined;
  }

  /** Whether a power cut at this moment would surely leave a file at this path with this text in it. */
  surelyHolds(path: string, text: string): boolean {
    for (let folder = dirname(path); folder !== root; folder = dirname(folder))
      if (this.#names.has(folder) && !this.#durableNames.has(folder)) return false;
    return this.#durableNames.get(path)?.durable.includes(text) === true;
  }

  makeFolder(path: string): void {
    this.#enter();
    for (let folder = path; folder !== root && !this.#names.has(folder); folder = dirname(folder))
      this.#names.set(folder, { data: undefined, durable: Buffer.alloc(0) });
  }

  read(path: string): Buffer | undefined {
    const data = this.#names.get(path)?.data;
    return data === undefined ? undefined : Buffer.from(data);
  }

  open(path: string): number {
    this.#enter();
    const node = this.#names.get(path) ?? { data: Buffer.alloc(0), durable: Buffer.alloc(0) };
    this.#names.set(path, node);
    this.#open.set(this.#nextFd, node);
    this.#nextFd += 1;
    return this.#nextFd - 1;
  }

  openExisting(path: string): number | undefined {
    const node = this.#names.get(path);
    if (node?.data === undefined) return undefined;
    this.#open.set(this.#nextFd, node);
    this.#nextFd += 1;
    return this.#nextFd - 1;
  }

  write(fd: number, data: Buffer, position: number): void {
    const node = this.#open.get(fd)!;
    this.#enter((share) => put(node, data.subarray(0, Math.floor(data.length * share)), position));
    put(node, data, position);
  }

  readAt(fd: number, position: number, length: number): Buffer {
    return Buffer.from(this.#open.get(fd)!.data!.subarray(position, position + length));
  }

  truncate(fd: number, length: number): void {
    this.#enter();
    const node = this.#open.get(fd)!;
    node.data = Buffer.from(node.data!.subarray(0, length));
  }

  sync(fd: number): Promise<void> {
    return Promise.resolve().then(() => this.syncNow(fd));
  }

  syncNow(fd: number): void {
    const node = this.#open.get(fd)!;
    this.#enter((share) => {
      // A kernel that could not write a page may forget it and answer the next flush as if all were well.
      if (share < 0.5) node.data = Buffer.from(node.durable);
    });
    node.durable = Buffer.from(node.data!);
  }

  close(fd: number): void {
    this.#open.delete(fd);
  }

  rename(from: string, to: string): void {
    this.#enter();
    this.#names.set(to, this.#names.get(from)!);
    this.#names.delete(from);
  }

  syncFolder(path: string): Promise<void> {
    return Promise.resolve().then(() => {
      this.#enter();
      for (const name of [...this.#durableNames.keys()])
        if (dirname(name) === path && !this.#names.has(name)) this.#durableNames.delete(name);
      for (const [name, node] of this.#names) if (dirname(name) === path) this.#durableNames.set(name, node);
    });
  }

  remove(path: string): void {
    this.#enter();
    this.#names.delete(path);
  }

  #enter(partly: (share: number) => void = () => undefined): void {
    if (this.dead) throw new Error('The process that used this disk is dead.');
    this.operations += 1;
    if (this.operations === this.#faultAt && this.#fault !== undefined) this.#strike(this.#fault, partly);
    if (this.#full !== undefined) throw systemError(this.#full);
  }

  #strike(fault: DiskFault, partly: (share: number) => void): void {
    this.met += 1;
    if (fault.kind === 'fill') {
      this.#full = fault.code;
      return;
    }
    partly(fault.share);
    if (fault.kind === 'fail') throw systemError(fault.code);
    if (fault.kind === 'power') this.#cut(fault.seed);
    this.dead = true;
    throw new Error('The process dies here.');
  }

  #cut(seed: number): void {
    const random = seededRandom(seed);
    for (const path of new Set([...this.#names.keys(), ...this.#durableNames.keys()])) {
      const durable = this.#durableNames.get(path);
      if (this.#names.get(path) === durable || random() < 0.5) continue;
      if (durable === undefined) this.#names.delete(path);
      else this.#names.set(path, durable);
    }
    // A folder that is gone takes everything below it along, so folders come before what is in them.
    for (const path of [...this.#names.keys()].sort((a, b) => a.length - b.length))
      if (dirname(path) !== root && !this.#names.has(dirname(path))) this.#names.delete(path);
    for (const node of new Set(this.#names.values()))
      if (node.data !== undefined) {
        node.data = leftOver(node.durable, node.data, random);
        node.durable = Buffer.from(node.data);
      }
    this.#durableNames.clear();
    for (const [path, node] of this.#names) this.#durableNames.set(path, node);
  }
}

function put(node: Node, data: Buffer, position: number): void {
  const before = node.data!;
  const next = Buffer.alloc(Math.max(before.length, position + data.length));
  before.copy(next);
  data.copy(next, position);
  node.data = next;
}

/** One of the contents that a file may have when what was written since the last flush is uncertain. */
function leftOver(durable: Buffer, now: Buffer, random: () => number): Buffer {
  const choice = random();
  if (choice < 0.3) return Buffer.from(durable);
  if (choice < 0.5 || now.length <= durable.length) return now;
  const cut = durable.length + Math.floor(random() * (now.length - durable.length));
  const sector = Math.ceil(cut / 512) * 512;
  if (choice < 0.75 || sector >= now.length) return Buffer.from(now.subarray(0, cut));
  return Buffer.concat([now.subarray(0, sector), Buffer.alloc(now.length - sector)]);
}

function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: injected`), { code });
}
