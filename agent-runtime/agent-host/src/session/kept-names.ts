import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { flushFolder } from '../journal/durable-json.ts';
import { onDisk } from '../journal/journal-error.ts';

/**
 * Facts of which there are only ever more, each the name of an empty file in one folder: several runtimes add to them at
 * the same time, and none takes back what another one has just learnt, as a file that is read, changed and written would.
 */
export class KeptNames {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  has(name: string): boolean {
    return existsSync(join(this.#folder, name));
  }

  /** All names; none where the folder is missing. @throws JournalUnavailableError */
  list(): string[] {
    return onDisk(this.#folder, () => {
      try {
        return readdirSync(this.#folder);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
        throw error;
      }
    });
  }

  /** Adds a name that file systems take; on the disk when it returns. @throws JournalUnavailableError */
  add(name: string): void {
    onDisk(this.#folder, () => {
      const made = mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      closeSync(openSync(join(this.#folder, name), 'a', 0o600));
      flushFolder(this.#folder);
      if (made !== undefined) flushFolder(dirname(this.#folder));
    });
  }

  /** Removes a name that another one makes needless. It may stay where the disk refuses, or after a power cut. */
  drop(name: string): void {
    try {
      rmSync(join(this.#folder, name), { force: true });
    } catch {
      // One more name changes nothing.
    }
  }
}
