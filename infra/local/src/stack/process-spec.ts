import type { HealthCheck } from './health.ts';

/** One process of the stack, as data. */
export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Complete environment: nothing is inherited beside it. */
  readonly env: Readonly<Record<string, string>>;
  readonly health: HealthCheck;
  /** What the start line shows behind the name. */
  readonly address: string;
  /** Names of processes that must answer before this one starts. */
  readonly after: readonly string[];
  /** File whose change restarts the process in watch mode. */
  readonly bundle?: string;
}
