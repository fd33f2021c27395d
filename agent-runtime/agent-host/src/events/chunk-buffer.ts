import type { Scheduler } from '../ports.ts';

/** How often pieces leave the buffer. */
export interface ChunkBufferOptions {
  readonly scheduler: Scheduler;
  /** Longest time a piece waits, in milliseconds; 0 sends at the end of the current turn. */
  readonly intervalMs: number;
  /** True while the readers are behind; pieces then collect instead of queueing up. */
  isBackedUp(): boolean;
  emit(offset: number, text: string): void;
}

const largestChunk = 64 * 1024;
const backedUpMs = 100;

/**
 * Joins the small pieces of one text into fewer events. The first piece leaves at once; while readers are slow pieces
 * collect, so that a slow reader costs fewer events and not more memory than the text itself.
 */
export class ChunkBuffer {
  readonly #options: ChunkBufferOptions;
  #text = '';
  #offset = 0;
  #stop: (() => void) | undefined;

  constructor(options: ChunkBufferOptions) {
    this.#options = options;
  }

  push(text: string): void {
    this.#text += text;
    if (this.#text.length >= largestChunk && !this.#options.isBackedUp()) return this.flush();
    if (this.#stop === undefined) this.#plan(this.#offset === 0 ? 0 : this.#options.intervalMs);
  }

  /** Sends what is left; call it before the event that holds the whole. */
  flush(): void {
    this.#stop?.();
    this.#stop = undefined;
    if (this.#text === '') return;
    const text = this.#text;
    this.#text = '';
    this.#options.emit(this.#offset, text);
    this.#offset += text.length;
  }

  /** Forgets what is left: the text was discarded. */
  drop(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#text = '';
  }

  #plan(ms: number): void {
    this.#stop = this.#options.scheduler.after(ms, () => {
      this.#stop = undefined;
      if (this.#options.isBackedUp()) this.#plan(backedUpMs);
      else this.flush();
    });
  }
}
