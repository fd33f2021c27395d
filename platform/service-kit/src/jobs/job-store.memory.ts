import type { SystemScope } from '../storage/system-scope.ts';
import type { JobClaim, JobEnd, JobPosition, JobStore } from './job-store.ts';

interface Turn {
  readonly holder: string;
  readonly notBefore: number;
  readonly position: JobPosition;
}

/** Turns within this process. */
export class MemoryJobStore implements JobStore {
  readonly #turns = new Map<string, Turn>();

  async claim({ job }: SystemScope, { holder, now, until }: JobClaim): Promise<JobPosition | undefined> {
    const turn = this.#turns.get(job);
    if (turn !== undefined && turn.notBefore > now.getTime()) return undefined;
    const position = turn?.position ?? {};
    this.#turns.set(job, { holder, notBefore: until.getTime(), position });
    return position;
  }

  async finish({ job }: SystemScope, { holder, position = {}, dueAt }: JobEnd): Promise<boolean> {
    if (this.#turns.get(job)?.holder !== holder) return false;
    this.#turns.set(job, { holder, notBefore: dueAt.getTime(), position });
    return true;
  }
}
