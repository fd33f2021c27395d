import { StewardError } from '@steward/sdk';
import { absent, isConditionFailed, scopedTable } from '@steward/service-kit';
import type { DynamoDeps, Page, PageRequest, ScopedTable, TenantScope } from '@steward/service-kit';
import type { Whose } from '../sessions/repository.ts';
import type { TaskRepository } from './repository.ts';
import type { StoredTask } from './task.ts';

/**
 * Tasks in DynamoDB: PK tenant#session, SK `taskId`, index `byTask` on tenant#task, index `byQueue` on tenant#status for
 * tasks that wait for a runner.
 */
export class DynamoTaskRepository implements TaskRepository {
  readonly #deps: DynamoDeps;

  /** The client stays the caller's. */
  constructor(deps: DynamoDeps) {
    this.#deps = deps;
  }

  async get(
    scope: TenantScope,
    whose: Required<Whose>,
    sessionId: string,
    taskId: string,
  ): Promise<StoredTask | undefined> {
    return taskOf(whose, await this.#table(scope).get({ id: [sessionId], sort: taskId }));
  }

  async find(scope: TenantScope, whose: Required<Whose>, taskId: string): Promise<StoredTask | undefined> {
    for await (const row of this.#table(scope).query({ index: 'byTask', id: [taskId] })) {
      const task = taskOf(whose, row);
      if (task !== undefined) return task;
    }
    return undefined;
  }

  async list(
    scope: TenantScope,
    whose: Required<Whose>,
    sessionId: string,
    page: PageRequest,
  ): Promise<Page<StoredTask>> {
    const found = await this.#table(scope).queryPage({ id: [sessionId] }, page, (rows) =>
      rows.filter((row) => taskOf(whose, row) !== undefined),
    );
    return { ...found, items: found.items.map((row) => taskOf(whose, row)!) };
  }

  async put(scope: TenantScope, task: StoredTask): Promise<void> {
    const table = this.#table(scope);
    const indexes = {
      byTask: [task.taskId],
      ...(task.status === 'TASK_QUEUED' ? { byQueue: [task.status] } : {}),
    };
    const condition =
      task.revision === 1
        ? { condition: absent }
        : { condition: 'revision = :expected', values: { ':expected': task.revision - 1 } };
    try {
      await table.run(table.put(task, [task.sessionId], indexes, condition));
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
      throw new StewardError('CONFLICT', `Task ${task.taskId} was changed meanwhile; load it and try again.`, {
        cause: error,
      });
    }
  }

  #table(scope: TenantScope): ScopedTable {
    return scopedTable(this.#deps, 'tasks', scope);
  }
}

function taskOf(whose: Required<Whose>, row: Record<string, unknown> | undefined): StoredTask | undefined {
  if (row === undefined || row['userId'] !== whose.userId) return undefined;
  const { ttl: _ttl, ...task } = row;
  return task as StoredTask;
}
