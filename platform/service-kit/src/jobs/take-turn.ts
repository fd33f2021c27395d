import { randomUUID } from 'node:crypto';
import type { SystemScope } from '../storage/system-scope.ts';
import type { JobPosition, JobStore } from './job-store.ts';

/** A job that instances take in turns. */
export interface Turns {
  readonly jobs: JobStore;
  readonly scope: SystemScope;
  readonly clock: { now(): Date };
  /** Pause from the beginning of one turn to the next, in seconds. */
  readonly intervalSeconds: number;
  /** How long a turn may last before another instance takes the job from where the last turn ended, in seconds. */
  readonly leaseSeconds: number;
}

/**
 * Does the work if the job is due and no other instance is at it. When the work throws, so does this, and the job is
 * taken up again from the same position once the lease is over.
 * @param work from where the last turn ended; answers where the next goes on, undefined: from the start
 * @returns whether the work was done
 */
export async function takeTurn(
  turns: Turns,
  work: (position: JobPosition) => Promise<JobPosition | undefined>,
): Promise<boolean> {
  const { jobs, scope, clock, intervalSeconds, leaseSeconds } = turns;
  const holder = randomUUID();
  const now = clock.now();
  const position = await jobs.claim(scope, { holder, now, until: new Date(now.getTime() + leaseSeconds * 1000) });
  if (position === undefined) return false;
  const next = await work(position);
  const dueAt = new Date(now.getTime() + intervalSeconds * 1000);
  await jobs.finish(scope, { holder, dueAt, ...(next === undefined ? {} : { position: next }) });
  return true;
}
