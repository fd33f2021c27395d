import type { SessionEvent } from '@steward/contracts';
import type { PayloadOf, ThreadState, ToolPhase } from './thread.ts';
import { newTool } from './new-tool.ts';
import { append, changeTool, hasItem, without } from './thread-items.ts';

/** Characters of running output kept for display; the whole is in the tool's artifact. */
const liveOutputLimit = 200_000;

/** Tool calls from request to end; null for every other event. */
export function reduceToolEvent(state: ThreadState, event: SessionEvent): ThreadState | null {
  switch (event.eventType) {
    case 'tool_requested': {
      const { toolCallId, toolName, arguments: args, summary } = event.payload as PayloadOf<'tool_requested'>;
      if (hasItem(state, toolCallId)) return state;
      return append(state, { ...newTool(toolCallId, toolName, 'checking', event), args, summary: summary ?? null });
    }
    case 'decision_recorded': {
      const { toolCallId, decision } = event.payload as PayloadOf<'decision_recorded'>;
      const phases: Record<string, ToolPhase> = {
        allow: 'running',
        require_approval: 'waiting_for_approval',
        deny: 'denied',
      };
      return changeTool(state, toolCallId, (tool) => {
        const phase =
          isRunning(tool.phase) && decision.outcome === undefined
            ? (phases[decision.decision] ?? tool.phase)
            : tool.phase;
        return { ...tool, decision, phase };
      });
    }
    case 'tool_output_chunk': {
      const { toolCallId, offset, text } = event.payload as PayloadOf<'tool_output_chunk'>;
      const before = state.liveOutput[toolCallId] ?? '';
      const joined = (offset < before.length ? before.slice(0, offset) : before) + text;
      const output = joined.length > liveOutputLimit ? joined.slice(-liveOutputLimit) : joined;
      return { ...state, liveOutput: { ...state.liveOutput, [toolCallId]: output } };
    }
    case 'tool_completed':
      return completeTool(state, event);
    default:
      return null;
  }
}

function completeTool(state: ThreadState, event: SessionEvent): ThreadState {
  const payload = event.payload as PayloadOf<'tool_completed'>;
  const id = payload.toolCallId;
  const known = hasItem(state, id) ? state : append(state, newTool(id, payload.toolName, 'checking', event));
  const finished = changeTool(known, id, (tool) => ({
    ...tool,
    phase: payload.status,
    output: payload.outputText ?? state.liveOutput[id] ?? null,
    durationMs: payload.durationMs ?? null,
    exitCode: payload.exitCode ?? null,
    artifactUris: payload.artifactUris ?? [],
    error: payload.error ?? null,
    decision: payload.decision ?? tool.decision,
    provenance: payload.provenance ?? null,
    diff: payload.diff ?? null,
  }));
  return { ...finished, liveOutput: without(finished.liveOutput, id) };
}

function isRunning(phase: ToolPhase): boolean {
  return phase === 'checking' || phase === 'waiting_for_approval' || phase === 'running';
}
