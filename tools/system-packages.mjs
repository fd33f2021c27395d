/**
 * What tests need from the system on a bare Debian machine: the sandbox, and for the packaged browser its libraries and
 * one font. Installed where that is possible; elsewhere one sentence says what is missing and tests say what they saw.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const browsers = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** True where a browser is named or installed. */
export function hasBrowser() {
  return Boolean(process.env.CHROMIUM_PATH) || browsers.some((path) => existsSync(path));
}

/** Installs what is missing. Never throws: tests of the degraded behaviour run instead. */
export function ensureSystemPackages() {
  if (process.platform !== 'linux') return;
  const missing = [...(succeeds('bwrap', ['--version']) ? [] : ['bubblewrap']), ...browserPackages()];
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !succeeds('apt-get', ['--version'])) {
    process.stderr.write(`For all tests to run, install these packages: ${missing.join(' ')}\n`);
    return;
  }
  process.stderr.write(`Installing system packages: ${missing.join(' ')}\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const done =
    spawnSync('apt-get', ['update', '-qq'], { env, stdio: 'ignore' }).status === 0 &&
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { env, stdio: 'ignore' })
      .status === 0;
  if (!done) process.stderr.write(`These could not be installed: ${missing.join(' ')}\n`);
}

function browserPackages() {
  if (hasBrowser()) return [];
  const libraries = spawnSync('ldconfig', ['-p'], { encoding: 'utf8' }).stdout ?? '';
  const hasFont = spawnSync('fc-list', [], { encoding: 'utf8' }).stdout?.trim();
  return [
    ...(libraries.includes('libnss3.so') && libraries.includes('libnspr4.so') ? [] : ['libnss3', 'libnspr4']),
    ...(libraries.includes('libexpat.so') ? [] : ['libexpat1']),
    ...(hasFont ? [] : ['fontconfig', 'fonts-dejavu-core']),
  ];
}

function succeeds(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
