import { rm } from 'node:fs/promises';
import { JsonFile } from '../files/json-file.ts';
import { readIfPresent } from '../files/private-files.ts';
import type { Sealer } from './sealer.ts';

/** A list that is kept on disk, sealed where there is a key store. */
export interface KeptList<T> {
  readonly value: readonly T[];
  /** Resolves when it is on disk. */
  replace(value: readonly T[]): Promise<void>;
}

/** Where a list is kept and what its entries look like. */
export interface KeptListOptions<T> {
  /** The file without a key store; the sealed one lies beside it as `<path>.sealed`. */
  readonly path: string;
  /** Returns the entries that are usable, undefined when the content is no such list. Must not throw. */
  readonly read: (content: unknown) => readonly T[] | undefined;
  readonly sealer: Sealer | undefined;
  readonly onDamaged: (keptAs: string) => void;
}

/**
 * Opens a list. Without a key store it is a file that its owner alone can read. With one it is sealed, and what an
 * earlier version kept in clear is sealed on opening and its file removed. What can't be opened is set aside, never
 * deleted. A sealed list is not seen without the key store, and stays as it is.
 */
export async function openKeptList<T>({ path, read, sealer, onDamaged }: KeptListOptions<T>): Promise<KeptList<T>> {
  if (sealer === undefined) return JsonFile.open<readonly T[]>({ path, read, fallback: [], onDamaged });
  const opened = (content: unknown): readonly T[] | undefined => {
    const sealed = (content as { sealed?: unknown } | null | undefined)?.sealed;
    if (typeof sealed !== 'string') return undefined;
    try {
      return read(JSON.parse(sealer.open(Buffer.from(sealed, 'base64'))));
    } catch {
      return undefined;
    }
  };
  const seal = (value: readonly T[]): { sealed: string } => ({
    sealed: Buffer.from(sealer.seal(JSON.stringify(value))).toString('base64'),
  });
  let value: readonly T[] = [];
  const file = await JsonFile.open<{ sealed: string }>({
    path: `${path}.sealed`,
    read: (content) => {
      const list = opened(content);
      if (list === undefined) return undefined;
      value = list;
      return content as { sealed: string };
    },
    fallback: seal([]),
    onDamaged,
  });
  const replace = (next: readonly T[]): Promise<void> => {
    value = next;
    return file.replace(seal(next));
  };
  if ((await readIfPresent(path)) !== undefined) {
    const clear = await JsonFile.open<readonly T[]>({ path, read, fallback: [], onDamaged });
    // What is sealed is newer than what lies beside it in clear.
    await replace([...clear.value, ...value]);
    await rm(path, { force: true });
  }
  return {
    get value() {
      return value;
    },
    replace,
  };
}
