import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { StartError } from './start-error.ts';

/** What a {@link WebShell} is started with. */
export interface WebShellDeps {
  readonly root: string;
  readonly home: string;
  readonly stackFile: string;
  readonly port: number;
  readonly logFile: string;
  /** The person's environment: the shell acts as the person and starts runtimes. */
  readonly env: Readonly<Record<string, string>>;
  readonly inspectPort: string | undefined;
  /** Told when the shell ends although nobody stopped it. */
  readonly ended: (sentence: string) => void;
}

const START_TIMEOUT_MS = 30_000;
const STOP_GRACE_MS = 8_000;

/**
 * Owns the desktop's web shell process. It is never restarted by itself: conversations run below it, and its launch
 * address carries a one-time token.
 */
export class WebShell {
  readonly #deps: WebShellDeps;
  #child: ChildProcess | undefined;
  #stopping = false;

  constructor(deps: WebShellDeps) {
    this.#deps = deps;
  }

  /** Number of the running process, if any. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts the shell; resolves with the address to open once. */
  start(): Promise<string> {
    const { root, home, stackFile, port, logFile, env, inspectPort } = this.#deps;
    const inspect = inspectPort === undefined ? [] : [`--inspect=127.0.0.1:${inspectPort}`];
    const child = spawn(process.execPath, ['--enable-source-maps', ...inspect, join(root, 'dist', 'shell-web.js')], {
      env: { ...env, STEWARD_STACK_FILE: stackFile, STEWARD_HOME: home, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    this.#child = child;
    const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
    child.stderr?.pipe(log);
    const failure = (what: string): StartError => new StartError(`desktop ${what}. The reason is in ${logFile}.`);
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(failure('did not answer in time')), START_TIMEOUT_MS);
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
        const app = appOf(line);
        if (app === undefined) return;
        clearTimeout(late);
        resolve(app);
      });
      child.once('error', () => reject(failure('could not be started')));
      child.once('exit', (code, signal) => {
        clearTimeout(late);
        reject(failure(`ended with ${signal ?? `exit code ${code}`}`));
        if (!this.#stopping) this.#deps.ended(failure(`ended with ${signal ?? `exit code ${code}`}`).message);
      });
    });
  }

  /** Replaces the shell by a new one, for a changed bundle; resolves with the new address. */
  async replace(): Promise<string> {
    await this.stop();
    this.#stopping = false;
    return this.start();
  }

  /** Ends the shell: asks first, forces after a grace period. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const force = setTimeout(() => this.kill(), STOP_GRACE_MS);
    await ended;
    clearTimeout(force);
  }

  /** Ends the shell and everything it started at once. */
  kill(): void {
    this.#stopping = true;
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    try {
      if (process.platform === 'win32') this.#child?.kill('SIGKILL');
      else process.kill(-pid, 'SIGKILL');
    } catch {
      // The group is gone already.
    }
  }
}

/** The launch address in a line of the shell's stdout, if it is the ready line. */
export function appOf(line: string): string | undefined {
  try {
    const value = JSON.parse(line) as { ready?: unknown; app?: unknown } | null;
    return value?.ready === true && typeof value.app === 'string' ? value.app : undefined;
  } catch {
    return undefined;
  }
}
