/**
 * `npm run fuzz`: fuzzes every service for at least 100,000 requests (`-- --requests N`); `-- --ci` for a fixed budget
 * with a fixed seed. infra/ci/README.md says how to read the summary and how to replay a seed.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadProgram } from './ci/load-program.mjs';
import { checkNode, ensureInstalled } from './setup.mjs';

checkNode();
await ensureInstalled();
const { runFuzz } = await loadProgram('fuzz/main.ts');
process.exitCode = await runFuzz({
  root: join(dirname(fileURLToPath(import.meta.url)), '..'),
  args: process.argv.slice(2),
  print: (line) => console.log(line),
  say: (sentence) => console.error(sentence),
});
