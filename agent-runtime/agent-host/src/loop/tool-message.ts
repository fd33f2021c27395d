import type { ConversationMessage, DecisionSummary, ToolCallRequest } from '@steward/contracts';
import type { ToolOutcome } from '@steward/tool-port';

/** What the model reads of an outcome: the output, or first the error's code and sentence. */
export function textForModel(outcome: ToolOutcome): string {
  const { error, outputText = '', status } = outcome;
  if (status === 'succeeded') return outputText === '' ? '(no output)' : outputText;
  const reason = error === undefined ? 'TOOL_EXECUTION_FAILED: the tool failed' : `${error.code}: ${error.message}`;
  return outputText === '' ? reason : `${reason}\n${outputText}`;
}

/** The thread's message for a finished call. */
export function toolMessage(
  call: ToolCallRequest,
  outcome: ToolOutcome,
  decision: DecisionSummary | undefined,
  place: { readonly messageId: string; readonly timestamp: string },
): ConversationMessage {
  const { sessionId, taskId, stepId, durationMs, artifactUris, error, provenance } = outcome;
  return {
    messageId: place.messageId,
    sessionId,
    taskId,
    stepId,
    role: 'tool',
    content: textForModel(outcome),
    timestamp: place.timestamp,
    toolCallId: call.toolCallId,
    toolResult: {
      toolName: call.toolName,
      status: outcome.status,
      ...(durationMs === undefined ? {} : { durationMs }),
      ...(artifactUris === undefined ? {} : { artifactUris }),
      ...(error === undefined ? {} : { error }),
      ...(decision === undefined ? {} : { decision }),
    },
    provenance: provenance ?? { source: 'runtime', trust: 'trusted' },
  };
}
