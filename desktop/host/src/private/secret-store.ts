import type { NamedSecret } from '@steward/contracts';
import { assertValid, validateSetSecretsParams } from '@steward/sdk';
import type { Person } from '../identity/person.ts';
import { openKeptList } from './sealed-list.ts';
import type { Sealer } from './sealer.ts';

/** A secret without its value. */
export type SecretName = Omit<NamedSecret, 'value'>;

interface OwnedSecret {
  readonly tenantId: string;
  readonly userId: string;
  readonly secret: NamedSecret;
}

/**
 * The secrets that a person's tools use by name. They are sealed by the system's key store where the shell offers it;
 * elsewhere they are in a file that its owner alone can read, and programs that run as the same user. Values leave this
 * store towards the person's own runtimes and nowhere else.
 */
export interface SecretStore {
  /** What keeps the values: the system's key store, or a private file. */
  readonly keptBy: 'key_store' | 'file';
  /** Names and where they may be used, sorted by name; never a value. */
  list(person: Person): readonly SecretName[];
  /** With values, for a runtime of this person. */
  forRuntime(person: Person): NamedSecret[];
  /** Adds or replaces; resolves when it is on disk. INVALID_REQUEST for a name or value that no runtime would take. */
  set(person: Person, secret: NamedSecret): Promise<void>;
  /** Safe to repeat. */
  remove(person: Person, name: string): Promise<void>;
}

/** Opens the store; entries that are not understood are left out, of two with one name the later one counts. */
export async function openSecretStore(
  path: string,
  onDamaged: (keptAs: string) => void,
  sealer?: Sealer,
): Promise<SecretStore> {
  const file = await openKeptList<OwnedSecret>({ path, read: readSecrets, sealer, onDamaged });
  const isOf = (person: Person) => (entry: OwnedSecret) =>
    entry.userId === person.userId && entry.tenantId === person.tenantId;
  const ownOf = (person: Person): NamedSecret[] =>
    [...new Map(file.value.filter(isOf(person)).map(({ secret }) => [secret.name, secret])).values()].sort((a, b) =>
      a.name < b.name ? -1 : 1,
    );
  const without = (person: Person, name: string): OwnedSecret[] =>
    file.value.filter((entry) => !isOf(person)(entry) || entry.secret.name !== name);
  return {
    keptBy: sealer === undefined ? 'file' : 'key_store',
    list: (person) => ownOf(person).map(({ value: _value, ...secret }) => secret),
    forRuntime: ownOf,
    set: async (person, secret) => {
      const { tenantId, userId } = person;
      const others = without(person, secret.name);
      const all = [...others, { tenantId, userId, secret }];
      assertValid(
        validateSetSecretsParams,
        { secrets: all.filter(isOf(person)).map((entry) => entry.secret) },
        'The secrets',
      );
      await file.replace(all);
    },
    remove: (person, name) => file.replace(without(person, name)),
  };
}

function readSecrets(content: unknown): readonly OwnedSecret[] | undefined {
  if (!Array.isArray(content)) return undefined;
  return content.filter((each): each is OwnedSecret => {
    const entry = each as Partial<OwnedSecret> | null;
    return (
      typeof entry?.tenantId === 'string' &&
      typeof entry.userId === 'string' &&
      validateSetSecretsParams({ secrets: [entry.secret] })
    );
  });
}
