import type { NamedSecret } from '@steward/contracts';

/**
 * The secrets of the person that tools use by name, in memory only. Values that were replaced or removed are still
 * taken out of text: what a program was given earlier it may say later.
 */
export class NamedSecrets {
  #secrets: readonly NamedSecret[] = [];
  readonly #texts = new Map<string, string>();
  readonly #onChange = new Set<() => void>();

  /** All secrets as they are now. */
  list(): readonly NamedSecret[] {
    return this.#secrets;
  }

  /** Every text that gives a secret away, encoded forms included, and what to call it. */
  texts(): { readonly text: string; readonly kind: string }[] {
    return [...this.#texts].map(([text, kind]) => ({ text, kind }));
  }

  /** Replaces all of them. */
  replace(secrets: readonly NamedSecret[]): void {
    this.#secrets = structuredClone(secrets);
    for (const { name, value } of secrets) for (const text of formsOf(value)) this.#texts.set(text, `secret ${name}`);
    for (const tell of this.#onChange) tell();
  }

  /** Calls `tell` after each replacement, for as long as this object lives. */
  onChange(tell: () => void): void {
    this.#onChange.add(tell);
  }
}

/** As it is, as it stands in a JSON text or an address, and as `Basic` sends it. */
function formsOf(value: string): string[] {
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    Buffer.from(value, 'utf8')
      .toString('base64')
      .replace(/={1,2}$/, ''),
  ];
}
