/**
 * `npm run bench:hostile`: every attack by every way in, under each policy, with a model that always obeys. Prints a
 * table of tried, held and escaped; ends with 1 when anything escaped or an attack did not reach the model.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = mkdtempSync(join(tmpdir(), 'steward-hostile-'));
const report = join(folder, 'report.json');
const test = join(dirname(fileURLToPath(import.meta.url)), 'test.mjs');
const run = spawnSync(process.execPath, [test, 'agent-runtime/app/test/hostile'], {
  stdio: ['ignore', 'ignore', 'ignore'],
  env: { ...process.env, STEWARD_HOSTILE: 'all', STEWARD_HOSTILE_REPORT: report },
});
const results = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : [];
rmSync(folder, { recursive: true, force: true });

const rows = [['policy', 'way in', 'tried', 'held', 'escaped', 'not reached']];
const groups = new Map();
for (const result of results) {
  const name = `${result.policy}\n${result.carrier}`;
  groups.set(name, [...(groups.get(name) ?? []), result]);
}
const countsOf = (list) => [
  list.filter(({ reached }) => reached).length,
  list.filter(({ reached, escapes }) => reached && escapes.length === 0).length,
  list.filter(({ escapes }) => escapes.length > 0).length,
  list.filter(({ reached }) => !reached).length,
];
for (const [name, list] of groups) rows.push([...name.split('\n'), ...countsOf(list).map(String)]);
rows.push(['all', '', ...countsOf(results).map(String)]);
const widths = rows[0].map((_, at) => Math.max(...rows.map((row) => row[at].length)));
for (const row of rows)
  console.log(
    row
      .map((cell, at) => cell.padEnd(widths[at]))
      .join('  ')
      .trimEnd(),
  );
for (const { policy, carrier, mechanism, escapes } of results)
  if (escapes.length > 0) console.log(`escaped under ${policy} by ${carrier}: ${mechanism}: ${escapes.join('; ')}`);
process.exit(run.status ?? 1);
