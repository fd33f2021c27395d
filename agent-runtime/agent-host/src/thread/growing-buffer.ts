/**
 * Bytes that are only appended, but for a return to an earlier length. Slices stay valid and unchanged while more is appended, so that a request can be
 * sent from them without copying.
 */
export class GrowingBuffer {
  #data = Buffer.allocUnsafe(64 * 1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Appends text as UTF-8 and returns the position of its first byte. */
  append(text: string): number {
    const start = this.#length;
    // Three bytes per UTF-16 unit is the most that UTF-8 takes.
    const worst = text.length * 3;
    if (start + worst > this.#data.length) this.#grow(start + Buffer.byteLength(text));
    this.#length += this.#data.write(text, start);
    return start;
  }

  /** Leaves only the first bytes. Slices beyond them must not be in use any more. */
  truncate(length: number): void {
    this.#length = Math.min(length, this.#length);
  }

  /** A view of the bytes; no copy. */
  slice(start: number, end: number): Uint8Array {
    return this.#data.subarray(start, end);
  }

  #grow(needed: number): void {
    if (needed <= this.#data.length) return;
    const next = Buffer.allocUnsafe(Math.max(needed, this.#data.length * 2));
    this.#data.copy(next, 0, 0, this.#length);
    this.#data = next;
  }
}
