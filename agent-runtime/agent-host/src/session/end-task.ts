import type { LoopEnd } from '../loop/agent-loop.ts';
import { historyPath } from '../outbox/outbox.ts';
import { closeOpenCalls } from './close-open-calls.ts';
import type { LiveSessionParts } from './live-session-parts.ts';
import { changeOf } from './session-patch.ts';
import type { FileChange } from './session-patch.ts';
import { taskReport } from './service-reports.ts';
import type { TaskState } from './session-state.ts';

/**
 * Writes down how a task ended: its approvals are withdrawn, its open calls closed, and the services are told. All in
 * one turn; durable after the next `sync`.
 * @param forced a running tool was killed
 */
export function endTask(
  parts: Pick<LiveSessionParts, 'store' | 'thread' | 'desk' | 'outbox' | 'host'>,
  task: TaskState,
  end: Exclude<LoopEnd, { kind: 'stopped' }>,
  forced: boolean,
  filesChanged: FileChange[] = [],
): void {
  const { store, host } = parts;
  const place = { taskId: task.taskId };
  parts.desk.cancelTask(task.taskId);
  closeOpenCalls({ store, thread: parts.thread, clock: host.clock, newId: host.newId }, task);
  const durationMs = Math.max(0, host.clock.now().getTime() - Date.parse(task.startedAt));
  if (end.kind === 'completed')
    store.emit('task_completed', { stepCount: task.stepCount, durationMs, filesChanged }, place);
  else if (end.kind === 'cancelled') store.emit('task_cancelled', { stepCount: task.stepCount, forced }, place);
  else store.emit('task_failed', { error: end.error, reason: end.reason, stepCount: task.stepCount }, place);
  reportEnd(parts, task);
}

/** Tells the services of a task's end. Its record comes last: where the journal holds it, nothing of the report is missing. */
export function reportEnd({ store, outbox }: Pick<LiveSessionParts, 'store' | 'outbox'>, task: TaskState): void {
  const workspaceId = store.state.facts?.workspaceId ?? '';
  if (workspaceId !== '') outbox.add({ service: 'workspace', method: 'POST', path: historyPath, body: task.taskId });
  outbox.add(taskReport(store.sessionId, task));
}

/** What the task changed, as far as the tools can tell. Never rejects. */
export async function filesChangedBy(
  { tools, host }: Pick<LiveSessionParts, 'tools' | 'host'>,
  { taskId }: TaskState,
): Promise<FileChange[]> {
  try {
    return (await tools.patch.preview(taskId)).map(changeOf);
  } catch (error) {
    host.log('warn', 'The changed files could not be listed.', { taskId, reason: String(error) });
    return [];
  }
}
