/**
 * Runs tests and ends with one plain line, `N passed, N failed`.
 * `node tools/test.mjs [PATH…]`: the tests below the given paths, or all of them.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureSystemPackages, hasBrowser } from './system-packages.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const paths = process.argv.slice(2);
const report = join(mkdtempSync(join(tmpdir(), 'steward-test-')), 'report.json');

if (paths.length === 0 || !existsSync(join(root, 'node_modules'))) {
  const { ensureInstalled, ensureBuilt } = await import('./setup.mjs');
  await ensureInstalled();
  await ensureBuilt?.();
}

if (paths.length === 0) ensureSystemPackages();
// Unpacked once, before test files run side by side: two of them would unpack over each other.
if (paths.length === 0 || paths.some((path) => path.includes('e2e'))) await provideBrowser();

const args = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  join(root, 'node_modules/jest/bin/jest.js'),
];
args.push('--json', `--outputFile=${report}`, '--colors=false', ...(process.env.CI ? ['--ci'] : []));
const patterns = paths.map((path) => path.replace(/^\.\//, '').replace(/\/$/, ''));
const run = spawnSync(process.execPath, [...args, '--maxWorkers=2', ...patterns], {
  cwd: root,
  stdio: ['ignore', 'ignore', 'inherit'],
});

let passed = 0;
let failed = 1;
if (existsSync(report)) {
  const result = JSON.parse(readFileSync(report, 'utf8'));
  passed = result.numPassedTests;
  failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  if (result.numPendingTests > 0) console.log(`${result.numPendingTests} tests did not run`);
}
rmSync(dirname(report), { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(run.status === 0 && failed === 0 ? 0 : 1);

/** Names the packaged browser for the tests where no other is installed. */
async function provideBrowser() {
  if (hasBrowser() || process.platform !== 'linux' || process.arch !== 'x64') return;
  const { default: packaged } = await import('@sparticuz/chromium');
  process.env.CHROMIUM_PATH = await packaged.executablePath();
}
