import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Revocation } from '@steward/service-kit';
import { readTextIfPresent, writePrivateFile } from '../home/private-file.ts';

/** What an operator decided about people, as it is stored in `accounts.json`. */
export interface AccountRules {
  /** People who may not sign in, and whose tokens are refused. */
  readonly disabled: readonly string[];
  /** Person → seconds since 1970: everything issued up to then is refused. */
  readonly endedUntil: Readonly<Record<string, number>>;
}

const noRules: AccountRules = { disabled: [], endedUntil: {} };

/** Where the rules of a home are. */
export function accountRulesFile(folder: string): string {
  return join(folder, 'accounts.json');
}

/** Reads the rules; none when there is no file. */
export async function readAccountRules(folder: string): Promise<AccountRules> {
  const text = await readTextIfPresent(accountRulesFile(folder));
  return text === undefined ? noRules : (JSON.parse(text) as AccountRules);
}

/** Stores the rules (0600, in one step); a running provider sees them with the next request. */
export async function writeAccountRules(folder: string, rules: AccountRules): Promise<void> {
  await writePrivateFile(accountRulesFile(folder), `${JSON.stringify(rules, null, 2)}\n`);
}

/** The rules of a running provider: read again whenever the file was replaced. */
export class LiveAccountRules {
  readonly #folder: string;
  #seen = '';
  #rules: AccountRules = noRules;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async current(): Promise<AccountRules> {
    const seen = await stat(accountRulesFile(this.#folder)).then(
      ({ ino, mtimeMs, size }) => `${ino} ${mtimeMs} ${size}`,
      () => '',
    );
    if (seen !== this.#seen) {
      this.#rules = await readAccountRules(this.#folder);
      this.#seen = seen;
    }
    return this.#rules;
  }

  /** False for a disabled person, and for something issued (seconds since 1970) before all sign-ins were ended. */
  async admits(name: string, issuedAt?: number): Promise<boolean> {
    const { disabled, endedUntil } = await this.current();
    if (disabled.includes(name)) return false;
    return issuedAt === undefined || issuedAt > (endedUntil[name] ?? -Infinity);
  }
}

/** The rules as services read them. */
export function revocationsOf({ disabled, endedUntil }: AccountRules): Revocation[] {
  return [
    ...disabled.map((id): Revocation => ({ kind: 'subject', id })),
    ...Object.entries(endedUntil).map(([id, issuedUntil]): Revocation => ({ kind: 'subject', id, issuedUntil })),
  ];
}
