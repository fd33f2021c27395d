import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { homeLayout } from '../home/home-layout.ts';
import { readAccountRules, writeAccountRules } from '../identity-provider/account-rules.ts';
import { SEEDED_PEOPLE, findPerson } from '../identity-provider/people.ts';
import { defaultHome } from '../stack/stack-options.ts';
import { UsageError } from '../stack/start-error.ts';
import { changeRules, isAccountAction } from './change-rules.ts';

const USAGE = 'Usage: npm run accounts -- disable|enable|end-sign-ins NAME [--home DIR]';

/** Changes what the local identity provider allows a person; running services see it within a minute. */
async function main(): Promise<void> {
  const [action = '', name = '', flag, given, ...rest] = process.argv.slice(2);
  if (!isAccountAction(action) || rest.length > 0) throw new UsageError(USAGE);
  if (flag !== undefined && (flag !== '--home' || given === undefined)) throw new UsageError(USAGE);
  if (findPerson(SEEDED_PEOPLE, name) === undefined) {
    const names = SEEDED_PEOPLE.map((person) => person.name).join(', ');
    throw new UsageError(`There is no ${name || 'name'}. The people of the local provider are ${names}.`);
  }
  const fallback = defaultHome({ env: process.env, platform: process.platform, homeDir: homedir(), cwd: '' });
  const home = resolve(process.env['INIT_CWD'] ?? process.cwd(), given ?? process.env['STEWARD_HOME'] ?? fallback);
  const folder = homeLayout(home).identity;
  const { rules, sentence } = changeRules(await readAccountRules(folder), action, name, Date.now());
  await writeAccountRules(folder, rules);
  process.stdout.write(`${sentence}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof UsageError ? 2 : 1);
});
