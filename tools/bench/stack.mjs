import { spawn, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * Starts the stack over a home of its own; resolves with what it says when it is ready and with the way to stop it.
 * Rejects when it ends first.
 * @param {string} home
 * @param {{ stackOnly?: boolean, stderr?: 'ignore' | 'inherit' }} options
 */
export function startStack(home, { stackOnly = false, stderr = 'ignore' } = {}) {
  const args = [join(root, 'tools/start.mjs'), stackOnly ? '--stack-only' : '--no-open', '--json', '--home', home];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', stderr] });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The stack ended with ${code}.`)));
    createInterface({ input: child.stdout }).once('line', (line) =>
      resolve({
        ready: JSON.parse(line),
        stop: () =>
          new Promise((done) => {
            child.removeAllListeners('exit');
            child.once('exit', done);
            child.kill('SIGINT');
          }),
      }),
    );
  });
}

/** An access token of a seeded person, alice unless named, for the stack of this home. */
export function tokenFor(home, person = 'alice') {
  const args = [join(root, 'tools/token.mjs'), '--user', person, '--home', home];
  return spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout.trim();
}
