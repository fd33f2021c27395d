/**
 * Child processes in groups of their own. Whatever this run starts is ended with it: SIGTERM, then SIGKILL of the whole
 * group, because an engine's own children outlive it otherwise.
 */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

const GRACE_MS = 15_000;
const running = new Set();

/** Runs a command to its end. Resolves with its output; rejects with the end of it when it fails. */
export function run(command, args, { env = process.env, cwd, timeoutMs = 600_000 } = {}) {
  const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  running.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => (stdout += text));
  child.stderr.on('data', (text) => (stderr += text));
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), timeoutMs);
    const end = (settle) => {
      clearTimeout(timer);
      running.delete(child);
      settle();
    };
    child.once('error', (error) => end(() => reject(error)));
    child.once('close', (code) =>
      end(() => {
        if (code === 0) resolve({ stdout, stderr });
        else
          reject(new Error(`${command} ${args.join(' ')} ended with ${code}:\n${`${stdout}\n${stderr}`.slice(-3000)}`));
      }),
    );
  });
}

/**
 * Starts a long-running engine and waits until `probe` says that it answers. Its output goes to `logFile`; `stop`
 * ends it and everything that it started.
 */
export async function startEngine({ name, command, args, env, logFile, probe, timeoutMs = 60_000 }) {
  const log = openSync(logFile, 'w');
  const child = spawn(command, args, { env, stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  running.add(child);
  const exited = new Promise((resolve) => {
    child.once('exit', resolve);
    child.once('error', resolve);
  });
  const stop = async () => {
    // Noted before: a child of its own group, such as an engine's Java, has no parent any more afterwards.
    const descendants = descendantsOf(child.pid);
    signalGroup(child, 'SIGTERM');
    await Promise.race([exited, wait(GRACE_MS)]);
    signalGroup(child, 'SIGKILL');
    for (const pid of descendants) signal(pid, 'SIGKILL');
    await exited;
    running.delete(child);
  };
  const deadline = Date.now() + timeoutMs;
  while (!(await probe().catch(() => false))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`${name} did not start; the end of its output:\n${readFileSync(logFile, 'utf8').slice(-3000)}`);
    }
    await wait(100);
  }
  return { pid: child.pid, stop };
}

/** Ends every process that is still running, at once. */
export function killAll() {
  for (const child of running) {
    const descendants = descendantsOf(child.pid);
    signalGroup(child, 'SIGKILL');
    for (const pid of descendants) signal(pid, 'SIGKILL');
  }
}

/** A port of loopback that is free now. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function signalGroup(child, name) {
  if (child.pid !== undefined) signal(-child.pid, name);
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone.
  }
}

/** Ids of the process's children, their children and so on, as they are now. */
function descendantsOf(root) {
  const { stdout = '' } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const pairs = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const found = [root];
  for (const parent of found) for (const [pid, ppid] of pairs) if (ppid === parent) found.push(pid);
  return found.slice(1);
}
