import { existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { PowerCut } from './power-cut.ts';
import type { Act, FaultPlan, Moment, Strike } from './plan.ts';

/** What is left to the operation itself after a point was passed. */
export type Order = Exclude<Act, { kind: 'kill' | 'kill-tool' | 'power' | 'fill' | 'cancel' }>;

/**
 * The points of one process: counts them, writes them down, and strikes where the plan says. A point is named by the
 * wrapper that meets it, so nobody lists points by hand.
 */
export class FaultPoints {
  readonly power: PowerCut | undefined;
  readonly #plan: FaultPlan | undefined;
  readonly #log: number;
  readonly #counts = new Map<string, number>();
  #filled: string | undefined;
  #onCancel: (force: boolean) => void = () => undefined;
  readonly #commands = new Set<number>();

  constructor(planFile: string | undefined) {
    if (planFile === undefined) {
      this.#log = -1;
      return;
    }
    this.#plan = JSON.parse(readFileSync(planFile, 'utf8')) as FaultPlan;
    this.#log = openSync(this.#plan.hits, 'a');
    if (this.#plan.strikes.some(({ act }) => act.kind === 'power')) this.power = new PowerCut();
  }

  /** Called with every cancel that a plan asks for. */
  onCancel(action: (force: boolean) => void): void {
    this.#onCancel = action;
  }

  /** A command leads a process group of its own from now on; the function that is returned says that it has ended. */
  commandStarted(pid: number): () => void {
    this.#commands.add(pid);
    return () => void this.#commands.delete(pid);
  }

  /** Passes a point. Does not return when the process is killed there; returns what the operation must do otherwise. */
  pass(point: string, moment: Moment): Order | undefined {
    if (this.#plan === undefined) return undefined;
    const key = `${moment} ${point}`;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    writeSync(this.#log, `${key}\n`);
    const strike = this.#plan.strikes.find((candidate) => FaultPoints.#matches(candidate, point, moment, count));
    return strike === undefined ? undefined : this.#strike(strike.act);
  }

  /** The error code with which a full or read-only disk answers for this path; undefined while the disk is well. */
  diskState(path: string): string | undefined {
    if (this.#filled === undefined || this.#plan === undefined || !path.startsWith(this.#plan.home)) return undefined;
    if (existsSync(this.#plan.gate)) this.#filled = undefined;
    return this.#filled;
  }

  /** Dies at this instruction. */
  die(): never {
    process.kill(process.pid, 'SIGKILL');
    // The signal is on its way; nothing of the product may run before it arrives.
    for (;;);
  }

  static #matches(strike: Strike, point: string, moment: Moment, count: number): boolean {
    return strike.point === point && strike.moment === moment && strike.occurrence === count;
  }

  #killCommands(): undefined {
    for (const pid of this.#commands)
      try {
        process.kill(-pid, 'SIGKILL');
      } catch {
        // It ended by itself just now.
      }
  }

  #strike(act: Act): Order | undefined {
    switch (act.kind) {
      case 'kill':
        if (act.tools === true) this.#killCommands();
        return this.die();
      case 'kill-tool':
        return this.#killCommands();
      case 'power':
        this.power?.cut(act.seed);
        return this.die();
      case 'fill':
        this.#filled = act.code;
        return undefined;
      case 'cancel':
        this.#onCancel(act.force);
        return undefined;
      default:
        return act;
    }
  }
}

/** The points of this process. */
export const faultPoints = new FaultPoints(process.env['STEWARD_TORTURE']);
