const maxEvents = 512;
const maxChars = 2 * 1024 * 1024;

/** The newest events as JSON text, bounded in number and size; older ones are read back from the journal. */
export class RecentEvents {
  #items: string[] = [];
  #head = 0;
  #firstSeq = 1;
  #chars = 0;

  /** Adds the event with the next sequence. */
  push(seq: number, json: string): void {
    if (this.#head === this.#items.length) this.#firstSeq = seq;
    this.#items.push(json);
    this.#chars += json.length;
    while (
      this.#items.length - this.#head > 1 &&
      (this.#items.length - this.#head > maxEvents || this.#chars > maxChars)
    )
      this.#drop();
  }

  /** `count` events from a sequence on; undefined when the first is no longer here. */
  slice(fromSeq: number, count: number): string[] | undefined {
    if (fromSeq < this.#firstSeq) return undefined;
    const start = this.#head + fromSeq - this.#firstSeq;
    return this.#items.slice(start, start + count);
  }

  #drop(): void {
    this.#chars -= this.#items[this.#head]!.length;
    this.#items[this.#head] = '';
    this.#head += 1;
    this.#firstSeq += 1;
    if (this.#head < maxEvents) return;
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }
}
