/**
 * Continuous integration: the checks, the README's test command, then every other suite with its fixed budget. All run,
 * whatever fails before; the last line sums what the suites counted: `N passed, N failed`. A step that ends badly
 * without having counted anything counts as one failure.
 */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { addUp, countOf } from './ci/count.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const steps = [
  ['npm', 'run', 'check'],
  ['npm', 'test'],
  ['npm', 'run', 'test:aws'],
  ['npm', 'run', 'supply-chain'],
  ['npm', 'run', 'fuzz', '--', '--ci'],
];

const results = [];
for (const [command, ...args] of steps) {
  const started = performance.now();
  const result = await follow(command, args);
  results.push(result);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`== ${[command, ...args].join(' ')}: exit ${result.exitCode} after ${seconds} s`);
}
const total = addUp(results.map(countOf));
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);

/** Runs one step with its output shown as it comes; keeps the lines that could be its count. */
function follow(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = [];
    createInterface({ input: child.stdout }).on('line', (line) => {
      console.log(line);
      lines.push(line);
      if (lines.length > 50) lines.shift();
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ exitCode: code ?? 1, lastLines: lines }));
  });
}
