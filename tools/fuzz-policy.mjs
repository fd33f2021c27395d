/**
 * `npm run fuzz:policy`: generated commands are judged by the policy engine, and those that it allows are really run by
 * bash in a sandbox full of canaries. Ends with `N passed, N failed`. `--count N` (100000), `--seed S` (1).
 */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSource } from './bench/load-source.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at > 0 ? Number(process.argv[at + 1]) : fallback;
};
const count = option('count', 100_000);
const seed = option('seed', 1);
const say = (text) => process.stderr.write(`${text}\n`);

const engine = join(root, 'platform/policy-engine');
const started = performance.now();
const { module, remove } = await loadSource({ file: 'platform/policy-engine/fuzz/run.ts' });
remove();
const folders = [join(engine, 'corpus'), join(engine, 'corpus/commands')];
const corpus = folders
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  .filter((path) => path.endsWith('.json'))
  .flatMap((path) => JSON.parse(readFileSync(path, 'utf8')).cases ?? [])
  .flatMap(({ command }) => (typeof command === 'string' ? [command] : []));
let next = 2000;
const result = await module.fuzz({
  count,
  seed,
  corpus,
  onProgress: (executed, generated) => {
    if (generated < next) return;
    say(`${generated} generated, ${executed} executed, ${((performance.now() - started) / 1000).toFixed(0)} s`);
    next += 10_000;
  },
});

const { generated, allowed, asked, denied, executed, disagreements } = result;
for (const { command, what } of disagreements.slice(0, 200)) say(`UNSAFE ${what}: ${JSON.stringify(command)}`);
const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
console.log(
  JSON.stringify({ seed, generated, allowed, asked, denied, executed, disagreements: disagreements.length, seconds }),
);
console.log(`${generated - disagreements.length} passed, ${disagreements.length} failed`);
process.exit(disagreements.length === 0 ? 0 : 1);
