import { join } from 'node:path';
import { ManagedProcess } from './managed-process.ts';
import type { ProcessSpec } from './process-spec.ts';

/** Surroundings of a {@link Supervisor}. */
export interface SupervisorDeps {
  readonly logFolder: string;
  /** Told one sentence about each process that answers, restarts or stops. */
  readonly report: (sentence: string) => void;
  /** Told after every change with the numbers of all running processes. */
  readonly pidsChanged: (pids: readonly number[]) => void;
  /** Milliseconds from any fixed point. */
  readonly now: () => number;
}

/** Starts processes in dependency order, independent ones at the same time, and stops them in reverse. */
export class Supervisor {
  readonly #deps: SupervisorDeps;
  readonly #processes: ManagedProcess[] = [];
  readonly #answering = new Map<string, Promise<void>>();
  #stopping: Promise<void> | undefined;

  constructor(deps: SupervisorDeps) {
    this.#deps = deps;
  }

  /** Starts a process once those before it answer; resolves when it answers itself. `prepare` runs right before. */
  start(spec: ProcessSpec, prepare: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    const run = async (): Promise<void> => {
      await Promise.all(spec.after.map((name) => this.#answering.get(name)));
      await prepare();
      if (this.#stopping !== undefined) return;
      const started = this.#deps.now();
      const managed = new ManagedProcess(spec, {
        logFile: join(this.#deps.logFolder, `${spec.name}.log`),
        report: this.#deps.report,
        pidChanged: () => this.#deps.pidsChanged(this.#pids()),
      });
      this.#processes.push(managed);
      await managed.start();
      const took = Math.round(this.#deps.now() - started);
      this.#deps.report(`${spec.name.padEnd(18)} ${spec.address}  (${took} ms)`);
    };
    const answering = run();
    this.#answering.set(spec.name, answering);
    answering.catch(() => undefined);
    return answering;
  }

  /** Replaces a running process, for a changed bundle. */
  async replace(name: string): Promise<void> {
    const managed = this.#processes.find((process) => process.spec.name === name);
    if (managed === undefined || this.#stopping !== undefined) return;
    await managed.replace();
    this.#deps.report(`${name} restarted`);
  }

  /** Stops everything, dependents before what they depend on. Later calls wait for the first. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopInOrder();
    return this.#stopping;
  }

  /** Ends everything at once. */
  kill(): void {
    for (const managed of this.#processes) managed.kill();
  }

  async #stopInOrder(): Promise<void> {
    let remaining = [...this.#processes];
    while (remaining.length > 0) {
      const needed = new Set(remaining.flatMap((managed) => managed.spec.after));
      const last = remaining.filter((managed) => !needed.has(managed.spec.name));
      // A cycle cannot start, but a stop must end whatever happens.
      const now = last.length > 0 ? last : remaining;
      await Promise.all(now.map((managed) => managed.stop()));
      remaining = remaining.filter((managed) => !now.includes(managed));
    }
  }

  #pids(): number[] {
    return this.#processes.flatMap((managed) => managed.pid ?? []);
  }
}
