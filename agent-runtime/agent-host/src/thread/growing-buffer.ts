const firstBytes = 64 * 1024;

/**
 * Bytes that are appended at the end and forgotten from the beginning. Positions stay what they were, and slices stay
 * valid and unchanged, so that a request can be sent from them without copying.
 */
export class GrowingBuffer {
  #data = Buffer.allocUnsafe(firstBytes);
  /** Position of the first byte that is kept, and the one after the last. */
  #start = 0;
  #end = 0;

  /** Position after the last byte. */
  get end(): number {
    return this.#end;
  }

  /** Appends text as UTF-8 and returns the position of its first byte. */
  append(text: string): number {
    const start = this.#end;
    // Three bytes per UTF-16 unit is the most that UTF-8 takes.
    const worst = this.#end - this.#start + text.length * 3;
    if (worst > this.#data.length) this.#grow(this.#end - this.#start + Buffer.byteLength(text));
    this.#end += this.#data.write(text, start - this.#start);
    return start;
  }

  /** Forgets what lies before a position, and gives its memory back. */
  forgetBefore(position: number): void {
    if (position <= this.#start) return;
    const kept = this.#data.subarray(position - this.#start, this.#end - this.#start);
    this.#data = Buffer.allocUnsafe(Math.max(firstBytes, kept.length * 2));
    kept.copy(this.#data);
    this.#start = position;
  }

  /** A view of the bytes; no copy. */
  slice(start: number, end: number): Uint8Array {
    return this.#data.subarray(start - this.#start, end - this.#start);
  }

  #grow(needed: number): void {
    if (needed <= this.#data.length) return;
    const next = Buffer.allocUnsafe(Math.max(needed, this.#data.length * 2));
    this.#data.copy(next, 0, 0, this.#end - this.#start);
    this.#data = next;
  }
}
