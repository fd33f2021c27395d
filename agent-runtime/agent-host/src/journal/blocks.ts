const blockBytes = 256 * 1024;

/**
 * Gathers bytes in one block of memory, which is handed on whenever it is full and used again: writing a long file then
 * leaves nothing behind for the collector, however many parts it has.
 */
export class Blocks {
  readonly #put: (data: Buffer) => void;
  readonly #block: Buffer;
  #used = 0;

  /** @param put takes the bytes before it returns; they are overwritten afterwards */
  constructor(put: (data: Buffer) => void, size = blockBytes) {
    this.#put = put;
    this.#block = Buffer.allocUnsafe(size);
  }

  /** Adds one part: `fill` writes it to the place that it is given, all of it. A part may be longer than a block. */
  add(length: number, fill: (place: Buffer) => void): void {
    if (this.#used + length > this.#block.length) this.end();
    if (length > this.#block.length) {
      const place = Buffer.allocUnsafe(length);
      fill(place);
      return this.#put(place);
    }
    fill(this.#block.subarray(this.#used, this.#used + length));
    this.#used += length;
  }

  /** Hands on what is gathered. */
  end(): void {
    if (this.#used === 0) return;
    const data = this.#block.subarray(0, this.#used);
    this.#used = 0;
    this.#put(data);
  }
}
