import { describe, expect, it } from '@jest/globals';
import { testScope } from '@steward/service-kit/test-support';
import type { TaskRepository } from '../../src/tasks/repository.ts';
import type { StoredTask } from '../../src/tasks/task.ts';

const sessionId = `sess_${'1'.padStart(26, '0')}`;
const acme = testScope('acme');
const globex = testScope('globex');
const alice = { userId: 'alice' };

function storedTask(number: number, changes: Partial<StoredTask> = {}): StoredTask {
  return {
    taskId: `task_${String(number).padStart(26, '0')}`,
    sessionId,
    tenantId: 'acme',
    userId: 'alice',
    status: 'TASK_RUNNING',
    stepCount: 0,
    createdAt: '2026-02-21T15:00:00.000Z',
    updatedAt: '2026-02-21T15:00:00.000Z',
    revision: 1,
    ...changes,
  };
}

/** What every store of tasks promises. `fresh` gives an empty one. */
export function taskRepositoryContract(store: string, fresh: () => Promise<TaskRepository>): void {
  describe(`tasks in ${store}`, () => {
    it('finds a task by session and by its id alone, for its owner only', async () => {
      const tasks = await fresh();
      await tasks.put(acme, storedTask(1));

      expect(await tasks.get(acme, alice, sessionId, storedTask(1).taskId)).toEqual(storedTask(1));
      expect(await tasks.find(acme, alice, storedTask(1).taskId)).toEqual(storedTask(1));
      expect(await tasks.get(acme, { userId: 'bob' }, sessionId, storedTask(1).taskId)).toBeUndefined();
      expect(await tasks.find(globex, alice, storedTask(1).taskId)).toBeUndefined();
      expect(await tasks.list(globex, alice, sessionId, {})).toEqual({ items: [] });
    });

    it('refuses a change that is based on an older revision', async () => {
      const tasks = await fresh();
      await tasks.put(acme, storedTask(1));
      await tasks.put(acme, storedTask(1, { stepCount: 3, revision: 2 }));

      await expect(tasks.put(acme, storedTask(1, { stepCount: 1, revision: 2 }))).rejects.toMatchObject({
        code: 'CONFLICT',
      });
      await expect(tasks.put(acme, storedTask(1))).rejects.toMatchObject({ code: 'CONFLICT' });
      expect((await tasks.get(acme, alice, sessionId, storedTask(1).taskId))?.stepCount).toBe(3);
    });

    it('refuses a task of another tenant, and keeps equal ids of two tenants apart', async () => {
      const tasks = await fresh();
      const theirs = storedTask(1, { tenantId: 'globex', stepCount: 9 });
      await tasks.put(acme, storedTask(1));

      await expect(tasks.put(acme, { ...theirs, revision: 2 })).rejects.toThrow('another tenant');
      await tasks.put(globex, theirs);

      expect(await tasks.find(acme, alice, theirs.taskId)).toEqual(storedTask(1));
      expect(await tasks.find(globex, alice, theirs.taskId)).toEqual(theirs);
    });

    it('lists the tasks of a session oldest first, page by page', async () => {
      const tasks = await fresh();
      for (const number of [3, 1, 2]) await tasks.put(acme, storedTask(number));

      const first = await tasks.list(acme, alice, sessionId, { limit: 2 });
      const second = await tasks.list(acme, alice, sessionId, { limit: 2, cursor: first.nextCursor! });

      expect([...first.items, ...second.items]).toEqual([storedTask(1), storedTask(2), storedTask(3)]);
      expect(second.nextCursor).toBeUndefined();
    });
  });
}
