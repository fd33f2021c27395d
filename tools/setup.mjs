/**
 * Makes an installation ready to build and start, with nothing but Node and npm: checks the Node version and installs
 * the packages that the lockfile names when they are missing or stale. All output goes to stderr.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const MINIMUM_NODE = [20, 19];

/** Ends the process with one sentence when this Node is too old. */
export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1])) return;
  say(
    `Steward needs Node ${MINIMUM_NODE.join('.')} or newer; this is Node ${process.versions.node}. Install a newer Node.`,
  );
  process.exit(1);
}

/** Installs packages when they are missing or differ from the lockfile; throws when npm fails. */
export async function ensureInstalled() {
  const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const hash = createHash('sha256').update(lockText).digest('hex');
  const mark = join(root, 'node_modules', '.steward-lock');
  if (readIfPresent(mark) === hash) return;
  if (!matchesInstalled(lockText)) {
    say('Installing packages. The first time this takes a minute or two.');
    await runNpmCi();
  }
  writeFileSync(mark, hash);
}

/** Builds what is missing or stale. */
export async function ensureBuilt() {
  const { build } = await import('./build.mjs');
  await build();
}

/** True when what npm last installed is what the lockfile asks for, whoever ran npm. */
function matchesInstalled(lockText) {
  const installedText = readIfPresent(join(root, 'node_modules', '.package-lock.json'));
  if (installedText === undefined) return false;
  const wanted = JSON.parse(lockText).packages;
  const installed = JSON.parse(installedText).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (
      !path.includes('node_modules/') ||
      entry.link === true ||
      entry.optional === true ||
      entry.devOptional === true
    ) {
      return true;
    }
    return installed[path]?.version === entry.version;
  });
}

function runNpmCi() {
  const npmCli = process.env.npm_execpath;
  const viaNode = npmCli !== undefined && /\.[cm]?js$/.test(npmCli) && existsSync(npmCli);
  const command = viaNode ? process.execPath : 'npm';
  const args = [...(viaNode ? [npmCli] : []), 'ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const started = Date.now();
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      shell: !viaNode && process.platform === 'win32',
    });
    child.stdout.pipe(process.stderr, { end: false });
    const progress = setInterval(
      () => say(`Still installing, ${Math.round((Date.now() - started) / 1000)} seconds so far.`),
      10_000,
    );
    child.once('error', (error) => reject(new Error(`npm could not be started (${error.message}).`)));
    child.once('exit', (code) => {
      clearInterval(progress);
      if (code === 0) resolve();
      else
        reject(
          new Error(`npm ci failed with exit code ${code}; its messages are above. Check the network and try again.`),
        );
    });
  });
}

function readIfPresent(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function say(sentence) {
  process.stderr.write(`${sentence}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  checkNode();
  try {
    await ensureInstalled();
  } catch (error) {
    say(error.message);
    process.exit(1);
  }
}
