import { StewardError } from '@steward/sdk';
import type { Owner } from '../sessions/repository.ts';
import type { TaskList, TaskRepository } from './repository.ts';
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

  async list(owner: Required<Owner>, sessionId: string, page: { limit: number; startKey?: Record<string, unknown> }): Promise<TaskList> {
    const all = [...this.#tasks.values()]
      .filter((task) => task.sessionId === sessionId && owns(owner, task))
      .sort((a, b) => (a.taskId < b.taskId ? -1 : 1));
    const start = page.startKey === undefined ? 0 : all.findIndex((task) => task.taskId === page.startKey?.['taskId']) + 1;
    const items = all.slice(start, start + page.limit).map((task) => structuredClone(task));
    const last = items.at(-1);
    return start + page.limit < all.length && last !== undefined ? { items, nextKey: { sessionId, taskId: last.taskId } } : { items };
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
