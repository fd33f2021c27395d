import type { SessionEvent } from '@steward/contracts';
import type { ApprovalOutcome, PayloadOf, ThreadState } from './thread.ts';
import { changeTool } from './thread-items.ts';

/** Approvals from request to answer; null for every other event. A repeated request replaces the earlier one. */
export function reduceApprovalEvent(state: ThreadState, event: SessionEvent): ThreadState | null {
  switch (event.eventType) {
    case 'approval_requested': {
      const { approval } = event.payload as PayloadOf<'approval_requested'>;
      const known = state.approvals.some((pending) => pending.approvalId === approval.approvalId);
      const approvals = known
        ? state.approvals.map((pending) => (pending.approvalId === approval.approvalId ? approval : pending))
        : [...state.approvals, approval];
      return changeTool({ ...state, approvals }, approval.toolCallId, (tool) => ({
        ...tool,
        phase: 'waiting_for_approval',
        approvalId: approval.approvalId,
      }));
    }
    case 'approval_held': {
      const { approvalId } = event.payload as PayloadOf<'approval_held'>;
      return {
        ...state,
        approvals: state.approvals.map((pending) =>
          pending.approvalId === approvalId ? { ...pending, status: 'held' } : pending,
        ),
      };
    }
    case 'approval_resolved': {
      const { approvalId, decision, scope, reason, decidedBy } = event.payload as PayloadOf<'approval_resolved'>;
      return settle(state, approvalId, {
        decision,
        scope: scope ?? null,
        reason: reason ?? null,
        by: decidedBy?.id ?? null,
        at: event.timestamp,
      });
    }
    case 'approval_timeout': {
      const { approvalId } = event.payload as PayloadOf<'approval_timeout'>;
      return settle(state, approvalId, {
        decision: 'timeout',
        scope: null,
        reason: null,
        by: null,
        at: event.timestamp,
      });
    }
    default:
      return null;
  }
}

function settle(state: ThreadState, approvalId: string, outcome: ApprovalOutcome): ThreadState {
  const asked = state.items.findLast((item) => item.kind === 'tool' && item.approvalId === approvalId);
  const next = { ...state, approvals: state.approvals.filter((pending) => pending.approvalId !== approvalId) };
  if (!asked) return next;
  return changeTool(next, asked.id, (tool) => ({
    ...tool,
    approval: tool.approval ?? outcome,
    phase:
      tool.phase !== 'waiting_for_approval'
        ? tool.phase
        : outcome.decision === 'approved'
          ? 'running'
          : outcome.decision === 'cancelled'
            ? 'stopped'
            : 'denied',
  }));
}
