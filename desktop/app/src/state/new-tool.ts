import type { ConversationMessage, SessionEvent } from '@steward/contracts';
import type { ToolItem, ToolPhase } from './thread.ts';

/** A tool call of which nothing is known but its name, its phase and the event or message that told of it first. */
export function newTool(
  id: string,
  toolName: string,
  phase: ToolPhase,
  { timestamp, taskId, stepId }: Pick<SessionEvent | ConversationMessage, 'timestamp' | 'taskId' | 'stepId'>,
): ToolItem {
  return {
    kind: 'tool',
    id,
    toolName,
    args: {},
    summary: null,
    phase,
    output: null,
    durationMs: null,
    exitCode: null,
    artifactUris: [],
    error: null,
    decision: null,
    provenance: null,
    diff: null,
    approvalId: null,
    approval: null,
    at: timestamp,
    taskId: taskId ?? null,
    stepId: stepId ?? null,
  };
}
