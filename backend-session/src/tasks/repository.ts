import type { Owner } from '../sessions/repository.ts';
import type { StoredTask } from './task.ts';

/** One page of a session's tasks, oldest first. */
export interface TaskList {
  readonly items: readonly StoredTask[];
  readonly nextKey?: Record<string, unknown>;
}

/** Where tasks are kept. Every read is scoped by its owner; another's task answers as if it did not exist. */
export interface TaskRepository {
  get(owner: Required<Owner>, sessionId: string, taskId: string): Promise<StoredTask | undefined>;
  /** By id alone; may lag behind a write by a moment. */
  find(owner: Required<Owner>, taskId: string): Promise<StoredTask | undefined>;
  list(owner: Required<Owner>, sessionId: string, page: { limit: number; startKey?: Record<string, unknown> }): Promise<TaskList>;
  /** Stores the task if its stored revision is still `task.revision - 1` (0: not there yet); CONFLICT otherwise. */
  put(task: StoredTask): Promise<void>;
}
