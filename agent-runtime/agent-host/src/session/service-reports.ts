import type { SessionStatus } from '@steward/contracts';
import type { OutboxRequest } from '../ports.ts';
import type { TaskState } from './session-state.ts';

/** Tells the Session Service how a session stands, and its title where that is new. Pure. */
export function statusReport(sessionId: string, status: SessionStatus, title?: string): OutboxRequest {
  const body = { status, ...(title === undefined ? {} : { title }) };
  return { service: 'session', method: 'PATCH', path: `/sessions/${sessionId}`, body };
}

/** Tells the Session Service how a task stands; of its prompt only the beginning, on one line. Pure. */
export function taskReport(
  sessionId: string,
  { taskId, status, stepCount, maxSteps, prompt }: TaskState,
): OutboxRequest {
  const promptSummary = prompt.replace(/\s+/g, ' ').trim().slice(0, 200);
  const body = { taskId, status, stepCount, maxSteps, promptSummary };
  return { service: 'session', method: 'POST', path: `/sessions/${sessionId}/tasks`, body };
}
