import type { SessionStatus, TaskStatus } from '@steward/contracts';
import { isRunning } from './session-state.ts';
import type { SessionState } from './session-state.ts';

const byStage: Partial<Record<TaskStatus, SessionStatus>> = {
  WAITING_FOR_LLM: 'WAITING_FOR_LLM',
  WAITING_FOR_APPROVAL: 'WAITING_FOR_APPROVAL',
  EXECUTING_TOOLS: 'WAITING_FOR_TOOL',
};

/** The session's status for clients. Pure. @param stage of the work that goes on; undefined when none does */
export function sessionStatusOf(
  state: Pick<SessionState, 'ended' | 'pause' | 'task'>,
  stage: TaskStatus | undefined,
): SessionStatus {
  if (state.ended) return 'SESSION_COMPLETED';
  if (state.pause !== undefined) return 'SESSION_PAUSED';
  if (!isRunning(state.task)) return state.task === undefined ? 'SESSION_CREATED' : 'SESSION_RUNNING';
  if (stage === undefined) return 'SESSION_PAUSED';
  return byStage[stage] ?? 'SESSION_RUNNING';
}
