import { isAbsolute, join, resolve } from 'node:path';
import { PORT_NAMES } from './ports.ts';
import { UsageError } from './start-error.ts';

/** What a person asked for on the command line. */
export interface StackOptions {
  /** Absolute folder that holds all data. */
  readonly home: string;
  /** First of the ports; `undefined` takes the ports of the last start, or free ones. */
  readonly port: number | undefined;
  /** Open the desktop when everything answers. */
  readonly open: boolean;
  /** Print the ready line on stdout. */
  readonly json: boolean;
  /** Leave the desktop out. */
  readonly stackOnly: boolean;
  /** Restart a process when its bundle changes. */
  readonly watch: boolean;
}

/** Where the command line is read. */
export interface OptionsContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly homeDir: string;
  readonly cwd: string;
}

const USAGE = 'Usage: npm start -- [--home DIR] [--port N] [--no-open] [--json] [--stack-only] [--watch]';

/** Reads the command line; throws {@link UsageError} for anything it does not know. */
export function parseStackOptions(args: readonly string[], context: OptionsContext): StackOptions {
  let home: string | undefined;
  let port: number | undefined;
  const flags = { open: true, json: false, stackOnly: false, watch: false };
  for (let index = 0; index < args.length; index += 1) {
    const [name = '', inline] = splitOption(args[index] ?? '');
    const value = (): string => {
      const given = inline ?? args[(index += 1)];
      if (given === undefined || given === '') throw new UsageError(`${name} needs a value. ${USAGE}`);
      return given;
    };
    if (name === '--home') home = value();
    else if (name === '--port') port = parsePort(value());
    else if (inline !== undefined) throw new UsageError(`${name} takes no value. ${USAGE}`);
    else if (name === '--no-open') flags.open = false;
    else if (name === '--json') flags.json = true;
    else if (name === '--stack-only') flags.stackOnly = true;
    else if (name === '--watch') flags.watch = true;
    else throw new UsageError(`The option ${name} is unknown. ${USAGE}`);
  }
  const folder = home ?? (context.env['STEWARD_HOME'] || defaultHome(context));
  return { home: isAbsolute(folder) ? folder : resolve(context.cwd, folder), port, ...flags };
}

/** The user's data folder for Steward on this platform. */
export function defaultHome({ env, platform, homeDir }: OptionsContext): string {
  if (platform === 'win32') return join(env['LOCALAPPDATA'] || join(homeDir, 'AppData', 'Local'), 'Steward');
  if (platform === 'darwin') return join(homeDir, 'Library', 'Application Support', 'Steward');
  return join(env['XDG_DATA_HOME'] || join(homeDir, '.local', 'share'), 'steward');
}

function splitOption(argument: string): [string, string?] {
  const equals = argument.indexOf('=');
  return argument.startsWith('--') && equals > 0 ? [argument.slice(0, equals), argument.slice(equals + 1)] : [argument];
}

function parsePort(text: string): number {
  const port = Number(text);
  const highest = 65535 - PORT_NAMES.length + 1;
  if (!/^\d+$/.test(text) || port < 1 || port > highest) {
    throw new UsageError(`--port must be a number from 1 to ${highest}, not ${text}.`);
  }
  return port;
}
