import type { Page, PageRequest, TenantScope } from '@steward/service-kit';
import type { Whose } from '../sessions/repository.ts';
import type { StoredTask } from './task.ts';

/**
 * Where tasks are kept. Every call is one tenant's: another's task answers as if it did not exist, and a task of
 * another tenant is not written.
 */
export interface TaskRepository {
  get(scope: TenantScope, whose: Required<Whose>, sessionId: string, taskId: string): Promise<StoredTask | undefined>;
  /** By id alone; may lag behind a write by a moment. */
  find(scope: TenantScope, whose: Required<Whose>, taskId: string): Promise<StoredTask | undefined>;
  /** Of one session, oldest first. */
  list(scope: TenantScope, whose: Required<Whose>, sessionId: string, page: PageRequest): Promise<Page<StoredTask>>;
  /** Stores the task if its stored revision is still `task.revision - 1` (0: not there yet); CONFLICT otherwise. */
  put(scope: TenantScope, task: StoredTask): Promise<void>;
}
