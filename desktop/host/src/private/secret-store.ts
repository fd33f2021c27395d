import type { NamedSecret } from '@steward/contracts';
import { assertValid, validateSetSecretsParams } from '@steward/sdk';
import { JsonFile } from '../files/json-file.ts';
import type { Person } from '../identity/person.ts';

/** A secret without its value. */
export type SecretName = Omit<NamedSecret, 'value'>;

interface OwnedSecret {
  readonly tenantId: string;
  readonly userId: string;
  readonly secret: NamedSecret;
}

/**
 * The secrets that a person's tools use by name. The file is readable by its owner only; a program that runs as the same
 * user can read it too. Values leave this store towards the person's own runtimes and nowhere else.
 */
export interface SecretStore {
  /** Names and where they may be used, sorted by name; never a value. */
  list(person: Person): readonly SecretName[];
  /** With values, for a runtime of this person. */
  forRuntime(person: Person): NamedSecret[];
  /** Adds or replaces; resolves when it is on disk. INVALID_REQUEST for a name or value that no runtime would take. */
  set(person: Person, secret: NamedSecret): Promise<void>;
  /** Safe to repeat. */
  remove(person: Person, name: string): Promise<void>;
}

/** Opens the store; entries that are not understood are left out. */
export async function openSecretStore(path: string, onDamaged: (keptAs: string) => void): Promise<SecretStore> {
  const file = await JsonFile.open<readonly OwnedSecret[]>({ path, read: readSecrets, fallback: [], onDamaged });
  const isOf = (person: Person) => (entry: OwnedSecret) =>
    entry.userId === person.userId && entry.tenantId === person.tenantId;
  const ownOf = (person: Person): NamedSecret[] =>
    file.value
      .filter(isOf(person))
      .map(({ secret }) => secret)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  const without = (person: Person, name: string): OwnedSecret[] =>
    file.value.filter((entry) => !isOf(person)(entry) || entry.secret.name !== name);
  return {
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
