import { realpath } from 'node:fs/promises';
import { JsonFile } from '../files/json-file.ts';
import type { Person } from '../identity/person.ts';

/** A person's decision about one folder; exactly this real path and nothing below or beside it. */
interface TrustedFolder {
  readonly tenantId: string;
  readonly userId: string;
  readonly path: string;
}

/** The folders that people of this machine trust, each person their own. */
export interface TrustedFolders {
  /** Whether the person trusts the folder that the path leads to now; no for one that can't be resolved. */
  has(person: Person, path: string): Promise<boolean>;
  /** The person's own, sorted by path. */
  list(person: Person): readonly string[];
  /** Resolves with the real path that was decided about, once it is on disk. Safe to repeat. */
  set(person: Person, path: string, trusted: boolean): Promise<string>;
}

const maxFolders = 1_000;

/** Opens the list; entries that are not understood are left out, which trusts less. */
export async function openTrustedFolders(path: string, onDamaged: (keptAs: string) => void): Promise<TrustedFolders> {
  const file = await JsonFile.open<readonly TrustedFolder[]>({ path, read: readFolders, fallback: [], onDamaged });
  const isOf = (person: Person) => (folder: TrustedFolder) =>
    folder.userId === person.userId && folder.tenantId === person.tenantId;
  return {
    has: async (person, folder) => {
      const real = await realpath(folder).catch(() => undefined);
      return real !== undefined && file.value.filter(isOf(person)).some((each) => each.path === real);
    },
    list: (person) =>
      file.value
        .filter(isOf(person))
        .map((folder) => folder.path)
        .sort(),
    set: async (person, folder, trusted) => {
      // A folder that is gone can still be taken off the list.
      const real = await realpath(folder).catch(() => folder);
      const { tenantId, userId } = person;
      const others = file.value.filter((each) => !isOf(person)(each) || (each.path !== real && each.path !== folder));
      await file.replace(trusted ? [...others, { tenantId, userId, path: real }].slice(-maxFolders) : others);
      return real;
    },
  };
}

function readFolders(content: unknown): readonly TrustedFolder[] | undefined {
  if (!Array.isArray(content)) return undefined;
  return content.filter((each): each is TrustedFolder => {
    const folder = each as Partial<TrustedFolder> | null;
    return [folder?.tenantId, folder?.userId, folder?.path].every((text) => typeof text === 'string' && text !== '');
  });
}
