import { hash } from 'node:crypto';

/** What was worked out before, by a text that is not kept itself, within bounds: all is forgotten when they are reached. */
export class BoundedMemo<T> {
  readonly #most: { readonly entries: number; readonly characters: number };
  readonly #entries = new Map<string, T>();
  #characters = 0;

  /** @param most how many values, and how many characters in all that they are said to hold */
  constructor(most: { readonly entries: number; readonly characters: number }) {
    this.#most = most;
  }

  /** A short name of a text, to ask with; no two texts share one. */
  static keyOf(text: string): string {
    return hash('sha256', text, 'base64');
  }

  get(key: string): T | undefined {
    return this.#entries.get(key);
  }

  /** Keeps a value that {@link get} did not find. @param characters how many it holds */
  add(key: string, value: T, characters: number): void {
    const { entries, characters: most } = this.#most;
    if (this.#entries.size >= entries || this.#characters + characters > most) {
      this.#entries.clear();
      this.#characters = 0;
    }
    this.#entries.set(key, value);
    this.#characters += characters;
  }
}
