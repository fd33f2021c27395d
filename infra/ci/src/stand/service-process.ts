import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** How a process is started. */
export interface ProcessPlan {
  readonly script: string;
  /** Of Node, before the script. */
  readonly flags?: readonly string[];
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
}

/** A real process that answers HTTP on a port of its own, and can be killed and started again. */
export class ServiceProcess {
  readonly url: string;
  readonly #plan: ProcessPlan;
  #child: ChildProcess | undefined;

  constructor(plan: ProcessPlan) {
    this.#plan = plan;
    this.url = `http://127.0.0.1:${plan.port}/v1`;
  }

  /** Starts it; resolves to the milliseconds until it answered its health check. */
  async start(): Promise<number> {
    const { script, flags = [], port, env, logFile } = this.#plan;
    // The process writes into the file itself: what passes through this one would cost it what it measures.
    const log = openSync(logFile, 'a');
    const began = performance.now();
    const child = spawn(process.execPath, [...flags, script], {
      env: { PATH: process.env['PATH'] ?? '', HOST: '127.0.0.1', PORT: String(port), ...env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#child = child;
    while (!(await this.#answers())) {
      if (child.exitCode !== null) throw new Error(`${script} ended with ${child.exitCode}; see ${logFile}.`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return performance.now() - began;
  }

  /** Ends it with the signal; resolves to the exit code, null when the signal ended it. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    child.kill(signal);
    return ended;
  }

  /** Sends it a signal that it handles; without effect when it does not run. */
  signal(signal: 'SIGUSR2'): void {
    this.#child?.kill(signal);
  }

  /** Processor time used so far in milliseconds, where the system tells. */
  async cpuMs(): Promise<number | undefined> {
    const stat = await readFile(`/proc/${this.#child?.pid}/stat`, 'utf8').catch(() => undefined);
    // After the name in brackets: state, then 10 fields, then user and system time in hundredths of a second.
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields === undefined ? undefined : 10 * (Number(fields[11]) + Number(fields[12]));
  }

  async #answers(): Promise<boolean> {
    return fetch(new URL('/healthz', this.url)).then(
      ({ ok }) => ok,
      () => false,
    );
  }
}
