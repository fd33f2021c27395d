import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { homeLayout } from '../home/home-layout.ts';
import { readTextIfPresent } from '../home/private-file.ts';
import { SEEDED_PEOPLE } from '../identity-provider/people.ts';
import type { StackDescription } from '../stack/stack-description.ts';
import { defaultHome } from '../stack/stack-options.ts';
import { UsageError } from '../stack/start-error.ts';
import { SignInRefusedError, signInByHttp } from './sign-in-by-http.ts';

const USAGE = 'Usage: npm run token -- --user NAME [--home DIR]';

interface TokenOptions {
  readonly user: string;
  readonly home: string;
}

/** Reads the command line; throws {@link UsageError}. */
function parseTokenOptions(args: readonly string[]): TokenOptions {
  let user: string | undefined;
  let home = process.env['STEWARD_HOME'];
  for (let index = 0; index < args.length; index += 1) {
    const [name = '', inline] = (args[index] ?? '').split(/=(.*)/s, 2);
    if (name !== '--user' && name !== '--home') throw new UsageError(`The option ${name} is unknown. ${USAGE}`);
    const value = inline ?? args[(index += 1)];
    if (value === undefined || value === '') throw new UsageError(`${name} needs a value. ${USAGE}`);
    if (name === '--user') user = value;
    else home = value;
  }
  if (user === undefined) throw new UsageError(`--user is missing. ${USAGE}`);
  const fallback = defaultHome({ env: process.env, platform: process.platform, homeDir: homedir(), cwd: '' });
  return { user, home: resolve(process.env['INIT_CWD'] ?? process.cwd(), home || fallback) };
}

async function main(): Promise<void> {
  const { user, home } = parseTokenOptions(process.argv.slice(2));
  const text = await readTextIfPresent(homeLayout(home).stackFile);
  if (text === undefined) throw new Error(`No stack runs on ${home}. Start one with npm start or npm run stack.`);
  const { issuer } = JSON.parse(text) as StackDescription;
  // Seeded people of the local provider: the password is the name.
  const tokens = await signInByHttp({ issuer, name: user, password: user });
  process.stdout.write(`${tokens.access_token}\n`);
}

function explain(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof SignInRefusedError) {
    const names = SEEDED_PEOPLE.map((person) => person.name).join(', ');
    return `${message} The people of the local provider are ${names}.`;
  }
  if (message === 'fetch failed') {
    return 'The stack of this home does not answer. Start it with npm start or npm run stack.';
  }
  return message;
}

main().catch((error: unknown) => {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(error instanceof UsageError ? 2 : 1);
});
