import type { TaskStatus } from '@steward/contracts';
import type { SessionComponents } from '@steward/sdk';

/** A task as clients see it. */
export type Task = SessionComponents['schemas']['Task'];
/** What the runtime reports of a task. */
export type TaskInput = SessionComponents['schemas']['TaskInput'];
/** A task as it is stored. */
export type StoredTask = Task & { readonly tenantId: string; readonly userId: string; readonly revision: number };

const terminal: ReadonlySet<TaskStatus> = new Set(['TASK_COMPLETED', 'TASK_FAILED', 'TASK_CANCELLED']);

/** True for a state that a task never leaves. */
export function isTerminalTask(status: TaskStatus): boolean {
  return terminal.has(status);
}

/** The part of a stored task that leaves the service. */
export function toWireTask(task: StoredTask): Task {
  const { tenantId: _tenantId, userId: _userId, revision: _revision, ...wire } = task;
  return wire;
}
