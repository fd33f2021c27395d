import type { Grant, TaskOptions } from '@steward/contracts';
import { grantOfSession, narrowGrant } from '@steward/policy-engine';

/** What a task's grant is made of. */
export interface TaskGrantFacts {
  /** Compact JWS of the session's bundle as it is now. */
  readonly bundleJws: string;
  readonly sessionId: string;
  readonly taskId: string;
  readonly startedAt: string;
  readonly options: Partial<TaskOptions>;
}

/**
 * The grant of one task: the session's bundle, narrowed by what the task was started with. Every decision of the task is
 * made under it, and whatever is handed on is a narrower one. Pure.
 */
export function taskGrant({ bundleJws, sessionId, taskId, startedAt, options }: TaskGrantFacts): Grant {
  const { allowNetwork, approvalMode } = options;
  return narrowGrant(grantOfSession(bundleJws, sessionId), {
    by: 'runtime',
    at: startedAt,
    taskId,
    narrowing: {
      ...(allowNetwork === undefined ? {} : { allowNetwork }),
      ...(approvalMode === undefined ? {} : { approvalMode }),
    },
  });
}
