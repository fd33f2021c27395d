import type { SessionOperations } from '@steward/sdk';
import type { OperationHandlers } from '@steward/service-kit';
import type { TaskService } from './service.ts';
import { toWireTask } from './task.ts';

type TaskHandlers = Pick<OperationHandlers<SessionOperations>, 'recordTask' | 'listTasks' | 'getTask'>;

/** Answers the operations on tasks. */
export function createTaskRoutes(tasks: TaskService): TaskHandlers {
  return {
    recordTask: async ({ path, body, context }) => {
      const { task, created } = await tasks.record(context.caller, path.sessionId, body);
      return { status: created ? 201 : 200, body: toWireTask(task) };
    },
    listTasks: async ({ path, query, context }) => {
      const page = await tasks.list(context.caller, path.sessionId, query);
      return { status: 200, body: { ...page, items: page.items.map(toWireTask) } };
    },
    getTask: async ({ path, context }) => ({
      status: 200,
      body: toWireTask(await tasks.get(context.caller, path.taskId)),
    }),
  };
}
