import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Thrown when something that fuzzing needs is missing; the message says what and how to get it. */
export class MissingError extends Error {
  override readonly name = 'MissingError';
}

const OLDEST_PYTHON = [3, 10] as const;

/** Folder for what is made once per person: `XDG_CACHE_HOME`, or the platform's own. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>, platform: string, home: string): string {
  if (env['XDG_CACHE_HOME']) return join(env['XDG_CACHE_HOME'], 'steward');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'Steward');
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'Steward', 'Cache');
  return join(home, '.cache', 'steward');
}

/**
 * The Python that has Schemathesis, in a virtual environment that is made on first use and again when the pinned
 * requirements change (by their hashes, nothing else is installed). Throws MissingError when Python, its `venv`, or the
 * package registry can't be had.
 */
export function providePython(requirementsFile: string, say: (sentence: string) => void): string {
  const requirements = readFileSync(requirementsFile);
  const digest = createHash('sha256').update(requirements).digest('hex').slice(0, 16);
  const folder = join(cacheFolder(process.env, process.platform, homedir()), `fuzz-${digest}`);
  const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  if (existsSync(join(folder, 'complete'))) return python;

  const system = findPython();
  say('Setting up Schemathesis; the first time this takes about a minute.');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  run(
    system,
    ['-m', 'venv', folder],
    'Python can make no virtual environment. Install its venv package (Debian: python3-venv).',
  );
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes', '-r'];
  run(
    python,
    [...install, requirementsFile],
    'Schemathesis could not be installed. PyPI, or an index that mirrors it, must be reachable.',
  );
  mkdirSync(join(folder, 'incomplete'));
  renameSync(join(folder, 'incomplete'), join(folder, 'complete'));
  return python;
}

function findPython(): string {
  for (const name of ['python3', 'python']) {
    const { status, stdout } = spawnSync(name, ['-c', 'import sys; print(*sys.version_info[:2])'], {
      encoding: 'utf8',
    });
    if (status !== 0) continue;
    const [major = 0, minor = 0] = stdout.trim().split(' ').map(Number);
    if (major === OLDEST_PYTHON[0] && minor >= OLDEST_PYTHON[1]) return name;
  }
  throw new MissingError(
    `Fuzzing needs Python ${OLDEST_PYTHON.join('.')} or newer. Install it (Debian: python3, python3-venv).`,
  );
}

function run(command: string, args: readonly string[], otherwise: string): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (status !== 0) throw new MissingError(`${otherwise}\n${error?.message ?? stderr.trim().slice(-2000)}`);
}
