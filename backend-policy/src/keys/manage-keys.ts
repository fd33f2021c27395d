import { parseArgs } from 'node:util';
import type { Clock } from '@steward/sdk';
import { readKeyFile, revoke, rotate, writeKeyFile } from './key-file.ts';

/** The world of the command. */
export interface ManageKeysIo {
  /** The key file; from POLICY_KEYS_FILE. */
  readonly file: string | undefined;
  readonly clock: Clock;
  print(line: string): void;
  complain(line: string): void;
}

const usage = 'Usage: keys list | keys rotate --reason TEXT | keys revoke --kid KID --reason TEXT';

/**
 * The operator's command over the key file, beside services that run: they take a change up within a second and tell
 * every runtime. @returns the exit code: 0 done, 1 failed, 2 wrong usage
 */
export async function manageKeys(args: readonly string[], io: ManageKeysIo): Promise<number> {
  if (io.file === undefined || io.file === '') {
    io.complain('POLICY_KEYS_FILE is not set.');
    return 2;
  }
  try {
    const { positionals, values } = parseArgs({
      args: joined(args),
      allowPositionals: true,
      options: { reason: { type: 'string' }, kid: { type: 'string' } },
    });
    const now = io.clock.now().toISOString();
    const keys = await readKeyFile(io.file, now);
    if (keys === undefined) {
      io.complain(`There is no key file ${io.file}. The Policy Service makes it at its first start.`);
      return 1;
    }
    const [command] = positionals;
    const { reason, kid } = values;
    if (command === 'list') {
      for (const { jwk, state, since } of keys) io.print(`${jwk.kid} ${state} ${since}`);
      return 0;
    }
    const isReason = reason !== undefined && reason !== '' && reason.length <= 500;
    const changed =
      command === 'rotate' && isReason
        ? await rotate(keys, now, reason)
        : command === 'revoke' && isReason && kid !== undefined
          ? await revoke(keys, kid, now, reason)
          : undefined;
    if (changed === undefined) {
      io.complain(usage);
      return 2;
    }
    await writeKeyFile(io.file, changed);
    for (const { jwk, state, since } of changed) io.print(`${jwk.kid} ${state} ${since}`);
    return 0;
  } catch (error) {
    io.complain(error instanceof Error ? error.message : String(error));
    return (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true ? 2 : 1;
  }
}

/** A key's id may begin with a dash: what follows an option is its value, whatever it looks like. */
function joined(args: readonly string[]): string[] {
  const joinedArgs: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const takesNext = /^--(kid|reason)$/.test(args[at]!) && at + 1 < args.length;
    joinedArgs.push(takesNext ? `${args[at]}=${args[(at += 1)]}` : args[at]!);
  }
  return joinedArgs;
}
