/**
 * `npm start`: installs and builds what is missing, then hands over to the stack supervisor with the same arguments.
 * Exit codes are the supervisor's: 0 clean, 1 failed to start, 2 wrong usage, 130 interrupted.
 */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkNode, ensureBuilt, ensureInstalled } from './setup.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGKILL: 137 };

checkNode();
try {
  await ensureInstalled();
  await ensureBuilt();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

// The channel tells the supervisor when this process is gone, however it ended.
const stack = spawn(
  process.execPath,
  ['--enable-source-maps', join(root, 'dist', 'infra', 'stack.js'), ...process.argv.slice(2)],
  {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stack.kill(signal));
stack.once('error', (error) => {
  process.stderr.write(`The stack could not be started: ${error.message}\n`);
  process.exit(1);
});
stack.once('exit', (code, signal) => process.exit(code ?? SIGNAL_EXIT[signal] ?? 1));
