/**
 * Completes `package-lock.json` with entries for optional platform packages that a registry without them leaves out.
 * Without these entries `npm ci` refuses the lockfile everywhere; with them each platform installs its own package.
 * Run after every `npm install` that changes the lockfile: `node tools/complete-lock.mjs`; `--check` only tells.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

/** Adds what is missing to the parsed lockfile and returns the paths it added. */
export function completeLock(lock) {
  const added = [];
  for (const [path, entry] of Object.entries({ ...lock.packages })) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      if (resolves(lock, path, name)) continue;
      const exact = /^[~^]?(\d+\.\d+\.\d+\S*)$/.exec(range)?.[1];
      if (exact === undefined)
        throw new Error(`${path || 'The root'} wants ${name} ${range}; only exact versions can be completed.`);
      const target = `node_modules/${name}`;
      lock.packages[target] = { version: exact, optional: true, ...platformOf(name) };
      added.push(target);
    }
  }
  lock.packages = sortByPath(lock.packages);
  return added;
}

function resolves(lock, path, name) {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    const prefix = at === '' ? '' : `${at}/`;
    if (lock.packages[`${prefix}node_modules/${name}`] !== undefined) return true;
    if (at === '') return false;
  }
}

function platformOf(name) {
  const words = name.split(/[^a-z0-9]+/i);
  const cpu =
    PROCESSORS.find((processor) => words.includes(processor)) ?? (words.includes('universal') ? undefined : 'unknown');
  const os = SYSTEMS.find((system) => words.includes(system));
  return { ...(cpu === undefined ? {} : { cpu: [cpu] }), ...(os === undefined ? {} : { os: [os] }) };
}

function sortByPath(packages) {
  return Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const file = join(dirname(fileURLToPath(import.meta.url)), '..', 'package-lock.json');
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const added = completeLock(lock);
  if (process.argv.includes('--check')) {
    if (added.length > 0) {
      console.error(`package-lock.json lacks ${added.length} platform packages. Run: node tools/complete-lock.mjs`);
      process.exit(1);
    }
  } else {
    if (added.length > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
    console.error(`Added ${added.length} entries.`);
  }
}
