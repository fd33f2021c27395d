/**
 * `npm run torture -- --minutes N`: kills the agent runtime at every point that instrumentation finds, fails its disk,
 * cuts its power, and compares what comes back with the unbroken run. `--seed S` runs one seed again. Ends with
 * `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkNode, ensureInstalled } from './setup.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

checkNode();
if (!existsSync(join(root, 'node_modules'))) await ensureInstalled();
// Loaded only now: a fresh copy has no packages before.
const { buildHarness, buildInstrumentedRuntime } =
  await import('../agent-runtime/torture/build/build-instrumented.mjs');
const runtime = await buildInstrumentedRuntime();
const harness = await buildHarness();
const run = spawn(process.execPath, [harness, '--runtime', runtime, ...process.argv.slice(2)], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => run.kill(signal));
run.once('exit', (code) => process.exit(code ?? 1));
