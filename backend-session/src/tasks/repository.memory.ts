import { StewardError } from '@steward/sdk';
import { ScopedMap, pageOf } from '@steward/service-kit';
import type { Page, PageRequest, TenantScope } from '@steward/service-kit';
import type { Whose } from '../sessions/repository.ts';
import type { TaskRepository } from './repository.ts';
import type { StoredTask } from './task.ts';

/** Tasks in this process; nothing survives it. */
export class MemoryTaskRepository implements TaskRepository {
  readonly #tasks = new ScopedMap<StoredTask>();

  async get(
    scope: TenantScope,
    whose: Required<Whose>,
    sessionId: string,
    taskId: string,
  ): Promise<StoredTask | undefined> {
    const task = this.#tasks.get(scope, sessionId, taskId);
    return task?.userId === whose.userId ? task : undefined;
  }

  async find(scope: TenantScope, whose: Required<Whose>, taskId: string): Promise<StoredTask | undefined> {
    return this.#tasks.values(scope).find((task) => task.taskId === taskId && task.userId === whose.userId);
  }

  async list(
    scope: TenantScope,
    whose: Required<Whose>,
    sessionId: string,
    page: PageRequest,
  ): Promise<Page<StoredTask>> {
    const all = this.#tasks
      .values(scope)
      .filter((task) => task.sessionId === sessionId && task.userId === whose.userId)
      .sort((a, b) => oldestFirst(a.taskId, b.taskId));
    return pageOf(all, page, (task) => task.taskId, oldestFirst);
  }

  async put(scope: TenantScope, task: StoredTask): Promise<void> {
    const stored = this.#tasks.get(scope, task.sessionId, task.taskId);
    if ((stored?.revision ?? 0) !== task.revision - 1) {
      throw new StewardError('CONFLICT', `Task ${task.taskId} was changed meanwhile; load it and try again.`);
    }
    this.#tasks.set(scope, task, task.sessionId, task.taskId);
  }
}

function oldestFirst(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
