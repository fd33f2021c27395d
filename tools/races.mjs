/**
 * `npm run races -- --count 10000`: real swaps of links against every file tool, as many times as told (10,000).
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const at = process.argv.indexOf('--count');
const count = at > 0 ? Number(process.argv[at + 1]) : 10_000;
if (!Number.isInteger(count) || count < 1) {
  console.error('--count must be a whole number above zero.');
  process.exit(2);
}
const test = join(dirname(fileURLToPath(import.meta.url)), 'test.mjs');
const run = spawnSync(process.execPath, [test, 'agent-runtime/tool-runtime/test/files/symlink-race'], {
  stdio: 'inherit',
  env: { ...process.env, STEWARD_RACES: String(count) },
});
process.exit(run.status ?? 1);
