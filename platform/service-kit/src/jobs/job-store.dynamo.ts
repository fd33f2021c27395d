import { isConditionFailed } from '../storage/dynamo.ts';
import type { DynamoDeps } from '../storage/dynamo.ts';
import { scopedTable } from '../storage/scoped-table.ts';
import { absent } from '../storage/scoped-write.ts';
import type { WriteOptions } from '../storage/scoped-write.ts';
import type { SystemScope } from '../storage/system-scope.ts';
import type { JobClaim, JobEnd, JobPosition, JobStore } from './job-store.ts';

/** First part of every key of the table; jobs are nobody's, and no tenant can reach the table. */
const owner = 'steward';

/** Turns in the table `{env}-jobs`, shared by all instances. */
export class DynamoJobStore implements JobStore {
  readonly #deps: DynamoDeps;

  /** The client stays the caller's. */
  constructor(deps: DynamoDeps) {
    this.#deps = deps;
  }

  async claim(scope: SystemScope, { holder, now, until }: JobClaim): Promise<JobPosition | undefined> {
    const found = await this.#table(scope).get({ id: [scope.job] });
    if (found !== undefined && Number(found['notBefore']) > now.getTime()) return undefined;
    const position = found === undefined ? {} : (JSON.parse(String(found['position'])) as JobPosition);
    const condition = found === undefined ? { condition: absent } : unlessTaken(String(found['holder']));
    return (await this.#put(scope, { holder, notBefore: until, position }, condition)) ? position : undefined;
  }

  finish(scope: SystemScope, { holder, position = {}, dueAt }: JobEnd): Promise<boolean> {
    return this.#put(scope, { holder, notBefore: dueAt, position }, unlessTaken(holder));
  }

  async #put(
    scope: SystemScope,
    turn: { readonly holder: string; readonly notBefore: Date; readonly position: JobPosition },
    options: WriteOptions,
  ): Promise<boolean> {
    const table = this.#table(scope);
    const row = {
      tenantId: owner,
      holder: turn.holder,
      notBefore: turn.notBefore.getTime(),
      position: JSON.stringify(turn.position),
    };
    try {
      await table.run(table.put(row, [scope.job], {}, options));
      return true;
    } catch (error) {
      if (isConditionFailed(error)) return false;
      throw error;
    }
  }

  #table(scope: SystemScope) {
    return scopedTable(this.#deps, 'jobs', scope.forTenant(owner));
  }
}

/** Every turn has its own name, so the row is as it was seen while the name is. */
function unlessTaken(holder: string): WriteOptions {
  return { condition: '#holder = :holder', names: { '#holder': 'holder' }, values: { ':holder': holder } };
}
