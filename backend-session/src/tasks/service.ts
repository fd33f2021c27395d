import type { Clock } from '@steward/sdk';
import { StewardError } from '@steward/sdk';
import type { Page, PageRequest } from '@steward/service-kit';
import type { Requester, SessionService } from '../sessions/service.ts';
import type { TaskRepository } from './repository.ts';
import { isTerminalTask } from './task.ts';
import type { StoredTask, TaskInput } from './task.ts';

/** What the service is made of. */
export interface TaskServiceDeps {
  readonly tasks: TaskRepository;
  readonly sessions: SessionService;
  readonly clock: Clock;
}

/** Keeps the tasks of sessions. A finished task never changes again. */
export class TaskService {
  readonly #deps: TaskServiceDeps;

  constructor(deps: TaskServiceDeps) {
    this.#deps = deps;
  }

  /**
   * Records a task or its newer state; the same report again changes nothing.
   * @throws CONFLICT when the task has ended in another state
   */
  async record(
    caller: Requester,
    sessionId: string,
    input: TaskInput,
  ): Promise<{ task: StoredTask; created: boolean }> {
    await this.#deps.sessions.get(caller, sessionId);
    for (let attempt = 1; ; attempt += 1) {
      const known = await this.#deps.tasks.get(caller.scope, caller, sessionId, input.taskId);
      if (known !== undefined && isTerminalTask(known.status)) {
        if (known.status === input.status) return { task: known, created: false };
        throw new StewardError('CONFLICT', `Task ${input.taskId} has ended (${known.status}) and stays so.`, {
          details: { taskId: input.taskId, status: known.status },
        });
      }
      const now = this.#deps.clock.now().toISOString();
      const base = known ?? {
        tenantId: caller.tenantId,
        userId: caller.userId,
        sessionId,
        createdAt: now,
        stepCount: 0,
        revision: 0,
      };
      const task: StoredTask = {
        ...base,
        ...input,
        stepCount: Math.max(input.stepCount ?? 0, base.stepCount),
        updatedAt: now,
        revision: base.revision + 1,
      };
      try {
        await this.#deps.tasks.put(caller.scope, task);
        return { task, created: known === undefined };
      } catch (error) {
        const lostRace = error instanceof StewardError && error.code === 'CONFLICT';
        if (!lostRace || attempt >= 5) throw error;
      }
    }
  }

  /** The tasks of one of the caller's sessions, oldest first. */
  async list(caller: Requester, sessionId: string, page: PageRequest): Promise<Page<StoredTask>> {
    await this.#deps.sessions.get(caller, sessionId);
    return this.#deps.tasks.list(caller.scope, caller, sessionId, page);
  }

  /** @throws NOT_FOUND also for tasks of other people and tenants */
  async get(caller: Requester, taskId: string): Promise<StoredTask> {
    const task = await this.#deps.tasks.find(caller.scope, caller, taskId);
    if (task === undefined) throw new StewardError('NOT_FOUND', `There is no task ${taskId}.`, { details: { taskId } });
    return task;
  }
}
