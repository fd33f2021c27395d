import type { PolicyStatus, SessionEvent } from '@steward/contracts';
import { reduceApprovalEvent } from './reduce-approval-event.ts';
import { reduceTaskEvent } from './reduce-task-event.ts';
import { reduceToolEvent } from './reduce-tool-event.ts';
import type { NoticeItem, PayloadOf, ThreadState } from './thread.ts';
import { rewind } from './rewind.ts';
import { append } from './thread-items.ts';

/**
 * Takes one event into a conversation. Pure: the same events in the same order give the same state however they
 * are cut into batches. An event that was taken in before changes nothing; an unknown type only moves the sequence.
 */
export function reduceSessionEvent(state: ThreadState, event: SessionEvent): ThreadState {
  if (event.seq <= state.lastSeq) return state;
  const next =
    reduceTaskEvent(state, event) ??
    reduceToolEvent(state, event) ??
    reduceApprovalEvent(state, event) ??
    reduceSession(state, event) ??
    state;
  return { ...next, lastSeq: event.seq };
}

function reduceSession(state: ThreadState, event: SessionEvent): ThreadState | null {
  switch (event.eventType) {
    case 'session_created':
    case 'session_started': {
      const { policy } = event.payload as PayloadOf<'session_started'>;
      return { ...state, ...(policy ? { policy } : {}) };
    }
    case 'session_paused':
      return { ...state, pause: event.payload as PayloadOf<'session_paused'>, request: null };
    case 'session_resumed': {
      const { recovered } = event.payload as PayloadOf<'session_resumed'>;
      return notice({ ...state, pause: null }, event, 'info', { type: 'resumed', recovered: recovered === true });
    }
    case 'session_completed':
      return { ...state, ended: 'completed', pause: null };
    case 'session_cancelled':
      return { ...state, ended: 'cancelled', pause: null };
    case 'session_failed': {
      const { error } = event.payload as PayloadOf<'session_failed'>;
      return notice({ ...state, ended: 'failed', pause: null }, event, 'warning', { type: 'session_failed', error });
    }
    case 'policy_changed':
    case 'policy_expired': {
      const { policy } = event.payload as PayloadOf<'policy_expired'>;
      if (!policy) return state;
      return announcePolicy(state, policy, event);
    }
    case 'patch_updated':
      return { ...state, changedFiles: (event.payload as PayloadOf<'patch_updated'>).files };
    case 'context_compacted': {
      const { droppedMessages, summarised } = event.payload as PayloadOf<'context_compacted'>;
      return notice(state, event, 'info', {
        type: 'compacted',
        dropped: droppedMessages,
        summarised: summarised === true,
      });
    }
    case 'effect_unknown': {
      const { toolName, description } = event.payload as PayloadOf<'effect_unknown'>;
      return notice(state, event, 'warning', { type: 'effect_unknown', toolName, description });
    }
    case 'remote_tools_changed': {
      const { problems } = event.payload as PayloadOf<'remote_tools_changed'>;
      return problems.length === 0 ? state : notice(state, event, 'warning', { type: 'remote_tools', problems });
    }
    case 'session_rewound':
      return rewind(state, event);
    case 'stream_gap':
      return notice(state, event, 'warning', { type: 'gap' });
    default:
      return null;
  }
}

/** What a person has to know of a policy that is not the one before: the kill switch first, then its state. */
function announcePolicy(state: ThreadState, policy: PolicyStatus, event: SessionEvent): ThreadState {
  const before = state.policy;
  const next = { ...state, policy };
  const stopped = policy.killSwitch === true;
  if (before && stopped !== (before.killSwitch === true))
    return notice(next, event, stopped ? 'warning' : 'info', { type: 'kill_switch', active: stopped });
  if (before?.state === 'active' && policy.state === 'active')
    return notice(next, event, 'info', { type: 'policy_replaced', policyName: policy.policyName });
  const announced = { type: 'policy', policyName: policy.policyName, state: policy.state } as const;
  return notice(next, event, policy.state === 'active' ? 'info' : 'warning', announced);
}

function notice(
  state: ThreadState,
  event: SessionEvent,
  tone: NoticeItem['tone'],
  content: NoticeItem['notice'],
): ThreadState {
  return append(state, { kind: 'notice', id: event.eventId, tone, notice: content, at: event.timestamp });
}
