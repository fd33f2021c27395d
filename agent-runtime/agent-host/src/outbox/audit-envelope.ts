import type { EventEnvelope, SessionEvent } from '@steward/contracts';

/** Whose events they are. */
export interface AuditIdentity {
  readonly tenantId: string;
  readonly userId: string;
}

const longestText = 2_000;
const longestList = 50;
const maxDepth = 6;
const leftOut = new Set(['outputText', 'diff', 'policy', 'content']);
/** Private matters of this machine that no auditor needs. */
const notAudited = new Set(['text_chunk', 'tool_output_chunk', 'outbox_changed', 'stream_gap', 'patch_updated']);

const contexts: Record<string, EventEnvelope['boundedContext']> = {
  approval: 'Approval',
  decision: 'PolicyGuardrails',
  policy: 'PolicyGuardrails',
  tool: 'ToolExecution',
  effect: 'ToolExecution',
  session: 'SessionCoordination',
};

/** Whether an event, as JSON text, goes to the Audit Service. */
export function isAudited(json: string): boolean {
  const type = /"eventType":"([^"]*)"/.exec(json)?.[1] ?? '';
  return !notAudited.has(type);
}

/**
 * The envelope for the Audit Service: what happened, without the contents of files and answers, with secrets taken out
 * and long texts cut. The same event always gives the same envelope. Pure.
 */
export function auditEnvelope(json: string, identity: AuditIdentity, redact: (text: string) => string): EventEnvelope {
  const event = JSON.parse(json) as SessionEvent;
  const { eventId, eventType, timestamp, workspaceId, sessionId, taskId, stepId, payload } = event;
  const byAgent = !['user_message', 'approval_resolved', 'task_started'].includes(eventType);
  return {
    eventId,
    eventType,
    timestamp,
    ...identity,
    ...(workspaceId === undefined ? {} : { workspaceId }),
    sessionId,
    ...(taskId === undefined ? {} : { taskId }),
    ...(stepId === undefined ? {} : { stepId }),
    component: 'LocalAgentHost',
    boundedContext: contexts[eventType.split('_')[0] ?? ''] ?? 'AgentExecution',
    severity: /failed|unknown|timeout/.test(eventType) ? 'warning' : 'info',
    correlationId: taskId ?? sessionId,
    principal: byAgent ? { type: 'agent', id: sessionId } : { type: 'user', id: identity.userId },
    payload: payloadOf(payload, event.seq, redact),
  };
}

/** What a decision was made from stays as it is: it was made for this record, free of secrets and bounded. */
function payloadOf(
  { recorded, ...payload }: Record<string, unknown>,
  seq: number,
  redact: (text: string) => string,
): Record<string, unknown> {
  const reduced = reduce({ ...payload, seq }, redact, 0) as Record<string, unknown>;
  return recorded === undefined ? reduced : { ...reduced, recorded };
}

function reduce(value: unknown, redact: (text: string) => string, depth: number): unknown {
  if (typeof value === 'string') {
    const text = redact(value);
    return text.length <= longestText ? text : `${text.slice(0, longestText)}… (${text.length} characters)`;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= maxDepth) return '…';
  if (Array.isArray(value)) return value.slice(0, longestList).map((item) => reduce(item, redact, depth + 1));
  const entries = Object.entries(value).map(([key, member]): [string, unknown] =>
    leftOut.has(key) && typeof member === 'string'
      ? [`${key}Length`, member.length]
      : [key, reduce(member, redact, depth + 1)],
  );
  return Object.fromEntries(entries.slice(0, 90));
}
