/**
 * Hands what is to be done on a stream to one worker at a time: everything that arrived while it was busy together, in
 * the order it arrived. Different streams do not wait for each other.
 */
export class StreamQueue<T> {
  readonly #work: (items: readonly T[]) => Promise<void>;
  /** What waits; a stream that is here has a worker. */
  readonly #waiting = new Map<string, T[]>();

  /** @param work must not reject: a failure belongs to the item that it is about */
  constructor(work: (items: readonly T[]) => Promise<void>) {
    this.#work = work;
  }

  add(stream: string, item: T): void {
    const waiting = this.#waiting.get(stream);
    if (waiting !== undefined) waiting.push(item);
    else {
      this.#waiting.set(stream, []);
      void this.#run(stream, [item]);
    }
  }

  async #run(stream: string, first: readonly T[]): Promise<void> {
    for (let items = first; items.length > 0;) {
      await this.#work(items);
      items = this.#waiting.get(stream) ?? [];
      this.#waiting.set(stream, []);
    }
    this.#waiting.delete(stream);
  }
}
