import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { waitUntilHealthy } from './health.ts';
import type { ProcessSpec } from './process-spec.ts';
import { StartError } from './start-error.ts';

/** Surroundings of a {@link ManagedProcess}. */
export interface ManagedProcessDeps {
  /** File that receives stdout and stderr, appended. */
  readonly logFile: string;
  /** Told about every restart in one sentence. */
  readonly report: (sentence: string) => void;
  /** Told when the process number changes. */
  readonly pidChanged: () => void;
}

const START_TIMEOUT_MS = 30_000;
const STOP_GRACE_MS = 5_000;
const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 10_000;
const STABLE_AFTER_MS = 60_000;

/**
 * Owns one process from start to stop. After the first healthy answer a crash is followed by a restart, later and
 * later while it keeps crashing; before it, a crash fails the start.
 */
export class ManagedProcess {
  readonly spec: ProcessSpec;
  readonly #deps: ManagedProcessDeps;
  #child: ChildProcess | undefined;
  #stopping = false;
  #wasHealthy = false;
  #backoffMs = FIRST_BACKOFF_MS;
  #restart: NodeJS.Timeout | undefined;

  constructor(spec: ProcessSpec, deps: ManagedProcessDeps) {
    this.spec = spec;
    this.#deps = deps;
  }

  /** Number of the running process, if any. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts and waits until the process answers; throws {@link StartError} when it does not. */
  async start(): Promise<void> {
    const child = this.#spawn();
    const abort = new AbortController();
    const ended = new Promise<never>((_, reject) => {
      child.once('exit', (code, signal) => reject(this.#startError(`ended with ${signal ?? `exit code ${code}`}`)));
      child.once('error', (error) => reject(this.#startError(`could not be started (${error.message})`)));
    });
    const late = wait(START_TIMEOUT_MS, undefined, { signal: abort.signal }).then(() => {
      throw this.#startError(`did not answer within ${START_TIMEOUT_MS / 1000} seconds`);
    });
    try {
      await Promise.race([waitUntilHealthy(this.spec.health, abort.signal), ended, late]);
      this.#wasHealthy = true;
    } finally {
      abort.abort();
      ended.catch(() => undefined);
      late.catch(() => undefined);
    }
  }

  /** Ends the process: asks first, forces after a grace period. Never throws; also cancels a pending restart. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    await this.#end();
  }

  /** Ends the process at once, with everything it started. */
  kill(): void {
    this.#stopping = true;
    clearTimeout(this.#restart);
    this.#signal('SIGKILL');
  }

  /** Replaces the running process by a new one, for a changed bundle. */
  async replace(): Promise<void> {
    this.#wasHealthy = false;
    await this.#end();
    await this.start();
  }

  async #end(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    this.#signal('SIGTERM');
    const force = setTimeout(() => this.#signal('SIGKILL'), STOP_GRACE_MS);
    await ended;
    clearTimeout(force);
  }

  #spawn(): ChildProcess {
    const log = openSync(this.#deps.logFile, 'a', 0o600);
    try {
      const child = spawn(this.spec.command, this.spec.args, {
        env: this.spec.env,
        stdio: ['ignore', log, log],
        // Its own group: Ctrl-C in the terminal reaches the supervisor alone, which then stops in order.
        detached: process.platform !== 'win32',
        windowsHide: true,
      });
      child.on('exit', (code, signal) => this.#exited(child, code, signal));
      child.on('error', () => undefined);
      this.#child = child;
      this.#deps.pidChanged();
      return child;
    } finally {
      closeSync(log);
    }
  }

  #exited(child: ChildProcess, code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#child !== child) return;
    this.#deps.pidChanged();
    if (this.#stopping || !this.#wasHealthy) return;
    const delay = this.#backoffMs;
    this.#backoffMs = Math.min(delay * 2, LONGEST_BACKOFF_MS);
    this.#deps.report(
      `${this.spec.name} ended unexpectedly (${signal ?? `exit code ${code}`}); it starts again in ${delay} ms. Its log: ${this.#deps.logFile}`,
    );
    this.#restart = setTimeout(() => {
      this.#spawn();
      const stable = setTimeout(() => {
        this.#backoffMs = FIRST_BACKOFF_MS;
      }, STABLE_AFTER_MS);
      stable.unref();
      this.#child?.once('exit', () => clearTimeout(stable));
    }, delay);
  }

  #signal(signal: NodeJS.Signals): void {
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    // A forced end takes the whole group, so that nothing the process started is left behind.
    if (signal === 'SIGKILL' && process.platform !== 'win32') {
      try {
        process.kill(-child.pid, signal);
        return;
      } catch {
        // The group can be gone while its leader is being collected.
      }
    }
    child.kill(signal);
  }

  #startError(what: string): StartError {
    return new StartError(`${this.spec.name} ${what}. The reason is in ${this.#deps.logFile}.`);
  }
}
