import type { SystemScope } from '../storage/system-scope.ts';

/** Where a job goes on, as it left it; whatever JSON holds. */
export type JobPosition = Readonly<Record<string, string | number>>;

/** One instance's turn at a job. */
export interface JobClaim {
  /** Names the turn; unique, so that a turn that lasted too long can't end a later one. */
  readonly holder: string;
  readonly now: Date;
  /** Until then nobody else takes the job. */
  readonly until: Date;
}

/** How a turn ended. */
export interface JobEnd {
  readonly holder: string;
  /** Absent: the next turn begins from the start. */
  readonly position?: JobPosition;
  /** From then on the job is due again. */
  readonly dueAt: Date;
}

/**
 * Whose turn a maintenance job is, among all instances of a service, and how far it came. One row per job, changed
 * under conditions only: of two that claim at once one gets it.
 */
export interface JobStore {
  /** Takes the job if it is due. @returns where to go on, empty at the start; undefined when it is not this turn's */
  claim(scope: SystemScope, claim: JobClaim): Promise<JobPosition | undefined>;
  /** Ends the turn. @returns false, having changed nothing, when another turn began meanwhile */
  finish(scope: SystemScope, end: JobEnd): Promise<boolean>;
}
