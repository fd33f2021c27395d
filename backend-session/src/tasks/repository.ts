import type { Page, PageRequest } from '@steward/service-kit';
import type { Owner } from '../sessions/repository.ts';
import type { StoredTask } from './task.ts';

/** Where tasks are kept. Every read is scoped by its owner; another's task answers as if it did not exist. */
export interface TaskRepository {
  get(owner: Required<Owner>, sessionId: string, taskId: string): Promise<StoredTask | undefined>;
  /** By id alone; may lag behind a write by a moment. */
  find(owner: Required<Owner>, taskId: string): Promise<StoredTask | undefined>;
  /** Of one session, oldest first. */
  list(owner: Required<Owner>, sessionId: string, page: PageRequest): Promise<Page<StoredTask>>;
  /** Stores the task if its stored revision is still `task.revision - 1` (0: not there yet); CONFLICT otherwise. */
  put(task: StoredTask): Promise<void>;
}
