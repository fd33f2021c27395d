import { rename } from 'node:fs/promises';
import { readIfPresent, writePrivateFile } from './private-files.ts';

/** What a {@link JsonFile} needs to know about its content. */
export interface JsonFileOptions<T> {
  readonly path: string;
  /** Returns the value when the parsed content is usable, undefined when it is not. Must not throw. */
  readonly read: (content: unknown) => T | undefined;
  readonly fallback: T;
  /** Told when content was unusable and has been set aside under the given name. */
  readonly onDamaged?: (keptAs: string) => void;
}

/**
 * One JSON document on disk, held in memory and replaced whole. Writes happen one after the other in the order of
 * {@link JsonFile.replace}; content that can't be read is set aside as `<name>.damaged`, never deleted.
 */
export class JsonFile<T> {
  readonly #options: JsonFileOptions<T>;
  #value: T;
  #writing: Promise<void> = Promise.resolve();

  private constructor(options: JsonFileOptions<T>, value: T) {
    this.#options = options;
    this.#value = value;
  }

  /** Opens the document; a missing one starts with the fallback and is created by the first write. */
  static async open<T>(options: JsonFileOptions<T>): Promise<JsonFile<T>> {
    const bytes = await readIfPresent(options.path);
    if (bytes === undefined) return new JsonFile(options, options.fallback);
    const value = options.read(parse(bytes.toString('utf8')));
    if (value !== undefined) return new JsonFile(options, value);
    const keptAs = `${options.path}.damaged`;
    await rename(options.path, keptAs);
    options.onDamaged?.(keptAs);
    return new JsonFile(options, options.fallback);
  }

  /** The value as of the last `replace`, whether or not it is on disk yet. */
  get value(): T {
    return this.#value;
  }

  /** Sets the value at once; resolves when it is on disk. A failed write rejects and the next one tries again. */
  replace(value: T): Promise<void> {
    this.#value = value;
    const write = this.#writing
      .catch(() => undefined)
      .then(() => writePrivateFile(this.#options.path, `${JSON.stringify(value, null, 2)}\n`));
    this.#writing = write;
    return write;
  }

  /** Resolves when every write so far has ended, well or not. */
  async settled(): Promise<void> {
    await this.#writing.catch(() => undefined);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
