/** What was worked out before, by a text, within bounds: all is forgotten when they are reached. */
export class BoundedMemo<T> {
  readonly #most: { readonly entries: number; readonly characters: number };
  readonly #entries = new Map<string, T>();
  #characters = 0;

  constructor(most: { readonly entries: number; readonly characters: number }) {
    this.#most = most;
  }

  get(key: string): T | undefined {
    return this.#entries.get(key);
  }

  /** Keeps a value that {@link get} did not find. */
  add(key: string, value: T): void {
    const { entries, characters } = this.#most;
    if (this.#entries.size >= entries || this.#characters + key.length > characters) {
      this.#entries.clear();
      this.#characters = 0;
    }
    this.#entries.set(key, value);
    this.#characters += key.length;
  }
}
