import type { StartTaskParams } from '@steward/contracts';
import type { LiveSessionParts } from './live-session-parts.ts';
import { statusReport, taskReport } from './service-reports.ts';

/** Steps of a task that names no bound of its own. */
export const defaultMaxSteps = 40;

type Deps = Pick<LiveSessionParts, 'store' | 'thread' | 'outbox' | 'host'>;

/** Writes down that a task begins and what was asked, and tells the services. Durable after the next `sync`. */
export function beginTask(deps: Deps, { prompt, taskOptions }: StartTaskParams, taskId: string): void {
  const { store } = deps;
  const maxSteps = taskOptions?.maxSteps ?? defaultMaxSteps;
  const first = store.state.task === undefined;
  store.emit('task_started', { prompt, maxSteps, ...(taskOptions === undefined ? {} : { taskOptions }) }, { taskId });
  addPrompt(deps, prompt, taskId, first);
}

/** The second half: what was asked becomes a message. @param first the conversation gets its title by this task */
export function addPrompt({ store, thread, outbox, host }: Deps, prompt: string, taskId: string, first: boolean): void {
  store.emit('user_message', { messageId: host.newId('msg'), content: prompt }, { taskId });
  thread.add(store.state.messages.block.at(-1)!);
  const title = first ? store.state.title?.text : undefined;
  outbox.add(statusReport(store.sessionId, 'SESSION_RUNNING', title));
  outbox.add(taskReport(store.sessionId, store.state.task!));
}
