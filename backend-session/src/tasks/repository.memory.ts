import { StewardError } from '@steward/sdk';
import { pageOf } from '@steward/service-kit';
import type { Page, PageRequest } from '@steward/service-kit';
import type { Owner } from '../sessions/repository.ts';
import type { TaskRepository } from './repository.ts';
import type { StoredTask } from './task.ts';

/** Tasks in this process; nothing survives it. */
export class MemoryTaskRepository implements TaskRepository {
  readonly #tasks = new Map<string, StoredTask>();

  async get(owner: Required<Owner>, sessionId: string, taskId: string): Promise<StoredTask | undefined> {
    const task = this.#tasks.get(`${sessionId}/${taskId}`);
    return task !== undefined && owns(owner, task) ? structuredClone(task) : undefined;
  }

  async find(owner: Required<Owner>, taskId: string): Promise<StoredTask | undefined> {
    const task = [...this.#tasks.values()].find((candidate) => candidate.taskId === taskId && owns(owner, candidate));
    return task === undefined ? undefined : structuredClone(task);
  }

  async list(owner: Required<Owner>, sessionId: string, page: PageRequest): Promise<Page<StoredTask>> {
    const all = [...this.#tasks.values()]
      .filter((task) => task.sessionId === sessionId && owns(owner, task))
      .sort((a, b) => oldestFirst(a.taskId, b.taskId));
    return structuredClone(pageOf(all, page, (task) => task.taskId, oldestFirst));
  }

  async put(task: StoredTask): Promise<void> {
    const key = `${task.sessionId}/${task.taskId}`;
    const stored = this.#tasks.get(key);
    if ((stored?.revision ?? 0) !== task.revision - 1 || (stored !== undefined && stored.tenantId !== task.tenantId)) {
      throw new StewardError('CONFLICT', `Task ${task.taskId} was changed meanwhile; load it and try again.`);
    }
    this.#tasks.set(key, structuredClone(task));
  }
}

function owns(owner: Required<Owner>, task: StoredTask): boolean {
  return task.tenantId === owner.tenantId && task.userId === owner.userId;
}

function oldestFirst(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
