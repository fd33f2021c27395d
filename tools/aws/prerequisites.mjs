/** What the machine must bring: Python 3.11, Java 17 or newer, Maven. Finds them, or says precisely what is missing. */
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { MissingError, say } from './say.mjs';

/** The folder where downloads are kept between runs, outside the repository. */
export function cacheFolder(env = process.env) {
  if (env.STEWARD_CACHE) return env.STEWARD_CACHE;
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'steward');
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'steward');
}

/** Path of Python 3.11 and of the Java home, and the Maven command. Throws MissingError naming all that is missing. */
export function findPrerequisites() {
  const python = findPython();
  const javaHome = findJava();
  const maven = findMaven();
  const missing = [
    ...(python === undefined ? ['Python 3.11 (python3.11 on the path, with its venv module)'] : []),
    ...(javaHome === undefined ? ['Java 17 or newer (java on the path, or JAVA_HOME)'] : []),
    ...(maven === undefined ? ['Maven 3.8 or newer (mvn on the path)'] : []),
  ];
  if (missing.length > 0) throw new MissingError(`This machine lacks: ${missing.join('; ')}. Nothing was run.`);
  return { python, javaHome, maven };
}

function findPython() {
  return ['python3.11', 'python3', 'python'].find((command) => {
    const script = 'import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2])';
    const { status, stdout } = spawnSync(command, ['-c', script], { encoding: 'utf8' });
    return status === 0 && stdout.trim() === '3.11';
  });
}

function findJava() {
  const onPath = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'java'));
  const candidates = [...(process.env.JAVA_HOME ? [join(process.env.JAVA_HOME, 'bin', 'java')] : []), ...onPath];
  for (const java of candidates.filter((path) => existsSync(path))) {
    const { status, stderr = '' } = spawnSync(java, ['-version'], { encoding: 'utf8' });
    const major = Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0);
    if (status === 0 && major >= 17) return dirname(dirname(realpathSync(java)));
  }
  return undefined;
}

function findMaven() {
  const works = () => spawnSync('mvn', ['-v'], { stdio: 'ignore' }).status === 0;
  if (works()) return 'mvn';
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
  say('Installing Maven with apt-get.');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['update', '-qq'], { env, stdio: 'ignore' });
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'maven'], { env, stdio: 'ignore' });
  return works() ? 'mvn' : undefined;
}
