import type { SessionEvent } from '@steward/contracts';
import type { EndItem, PayloadOf, ThreadState, ThreadTask } from './thread.ts';
import { append, hasItem, replaceItem } from './thread-items.ts';

/** Prompts, steps, model requests, streamed text and the ends of tasks; null for every other event. */
export function reduceTaskEvent(state: ThreadState, event: SessionEvent): ThreadState | null {
  switch (event.eventType) {
    case 'user_message': {
      const { messageId, content } = event.payload as PayloadOf<'user_message'>;
      return withPrompt(state, messageId, content, event);
    }
    case 'task_started':
      return startTask(state, event);
    case 'task_completed': {
      const payload = event.payload as PayloadOf<'task_completed'>;
      const files = payload.filesChanged ?? state.changedFiles;
      return endTask(state, event, {
        outcome: 'completed',
        filesChanged: files,
        durationMs: payload.durationMs ?? null,
        stepCount: payload.stepCount,
      });
    }
    case 'task_failed': {
      const payload = event.payload as PayloadOf<'task_failed'>;
      return endTask(state, event, {
        outcome: 'failed',
        error: payload.error,
        reason: payload.reason ?? null,
        stepCount: payload.stepCount ?? null,
      });
    }
    case 'task_cancelled': {
      const payload = event.payload as PayloadOf<'task_cancelled'>;
      return endTask(state, event, {
        outcome: 'cancelled',
        forced: payload.forced === true,
        stepCount: payload.stepCount ?? null,
      });
    }
    case 'step_started': {
      const { stepNumber, maxSteps } = event.payload as PayloadOf<'step_started'>;
      return changeTask(state, { stepNumber, maxSteps });
    }
    case 'step_completed':
      return { ...state, request: null, usage: (event.payload as PayloadOf<'step_completed'>).usage };
    case 'step_limit_approaching': {
      const { stepNumber, maxSteps } = event.payload as PayloadOf<'step_limit_approaching'>;
      const notice = { type: 'step_limit', step: stepNumber, max: maxSteps } as const;
      return append(state, { kind: 'notice', id: event.eventId, tone: 'warning', notice, at: event.timestamp });
    }
    case 'llm_request_started': {
      const { attempt } = event.payload as PayloadOf<'llm_request_started'>;
      return { ...state, live: null, request: { attempt: attempt ?? 1, retryInMs: null, since: event.timestamp } };
    }
    case 'llm_request_completed': {
      const payload = event.payload as PayloadOf<'llm_request_completed'>;
      if (payload.willRetryInMs === undefined) return { ...state, request: null };
      return {
        ...state,
        live: null,
        request: { attempt: state.request?.attempt ?? 1, retryInMs: payload.willRetryInMs, since: event.timestamp },
      };
    }
    case 'text_chunk': {
      const { messageId, offset, text } = event.payload as PayloadOf<'text_chunk'>;
      const before = state.live?.messageId === messageId ? state.live.text : '';
      // A chunk states where it belongs, so a retried or repeated stretch of the same message replaces what it overlaps.
      return {
        ...state,
        live: { messageId, text: (offset < before.length ? before.slice(0, offset) : before) + text },
      };
    }
    case 'message_completed':
      return completeMessage(state, event);
    default:
      return null;
  }
}

function withPrompt(state: ThreadState, messageId: string, content: string, event: SessionEvent): ThreadState {
  if (hasItem(state, messageId)) return state;
  const taskId = event.taskId ?? null;
  const item = { kind: 'user', id: messageId, content, at: event.timestamp, taskId } as const;
  const standIn = `prompt:${taskId}`;
  return taskId !== null && hasItem(state, standIn) ? replaceItem(state, standIn, () => item) : append(state, item);
}

function startTask(state: ThreadState, event: SessionEvent): ThreadState {
  const { prompt, maxSteps } = event.payload as PayloadOf<'task_started'>;
  const taskId = event.taskId ?? null;
  const task: ThreadTask = { taskId, prompt, running: true, stepNumber: 0, maxSteps, startedAt: event.timestamp };
  const next: ThreadState = {
    ...state,
    task,
    request: null,
    live: null,
    liveOutput: {},
    changedFiles: [],
    pause: null,
  };
  const known = next.items.findLast((item) => item.kind === 'user');
  const shown =
    known?.kind === 'user' && (known.taskId === taskId || (known.taskId === null && known.content === prompt));
  return shown
    ? next
    : append(next, { kind: 'user', id: `prompt:${taskId}`, content: prompt, at: event.timestamp, taskId });
}

function changeTask(state: ThreadState, change: Partial<ThreadTask>): ThreadState {
  return state.task ? { ...state, task: { ...state.task, ...change } } : state;
}

function completeMessage(state: ThreadState, event: SessionEvent): ThreadState {
  const { message } = event.payload as PayloadOf<'message_completed'>;
  if (message.role === 'user') return withPrompt(state, message.messageId, message.content, event);
  if (message.role !== 'assistant') return state;
  const next: ThreadState = { ...state, live: state.live?.messageId === message.messageId ? null : state.live };
  if (message.content.trim() === '' || hasItem(next, message.messageId)) return next;
  return append(next, {
    kind: 'assistant',
    id: message.messageId,
    content: message.content,
    at: message.timestamp,
    stepId: event.stepId ?? null,
    partial: false,
  });
}

function endTask(
  state: ThreadState,
  event: SessionEvent,
  end: Partial<EndItem> & Pick<EndItem, 'outcome'>,
): ThreadState {
  const live = state.live;
  const kept =
    live && live.text.trim() !== ''
      ? append(state, {
          kind: 'assistant',
          id: live.messageId,
          content: live.text,
          at: event.timestamp,
          stepId: null,
          partial: true,
        })
      : state;
  const items = kept.items.map((item) =>
    item.kind === 'tool' && isOpen(item.phase)
      ? { ...item, phase: 'stopped' as const, output: state.liveOutput[item.id] ?? item.output }
      : item,
  );
  const unchangedSteps = state.task?.stepNumber ?? null;
  const item: EndItem = {
    kind: 'end',
    id: `end:${event.taskId ?? event.eventId}`,
    taskId: event.taskId ?? null,
    stepCount: unchangedSteps,
    durationMs: null,
    filesChanged: state.changedFiles,
    error: null,
    reason: null,
    forced: false,
    prompt: state.task?.prompt ?? null,
    at: event.timestamp,
    ...end,
  };
  const duration =
    item.durationMs ?? (state.task ? Date.parse(event.timestamp) - Date.parse(state.task.startedAt) : null);
  return {
    ...kept,
    items: [...items, { ...item, durationMs: duration }],
    live: null,
    liveOutput: {},
    request: null,
    approvals: state.approvals.filter((approval) => event.taskId !== undefined && approval.taskId !== event.taskId),
    task: state.task ? { ...state.task, running: false } : null,
  };
}

function isOpen(phase: string): boolean {
  return phase === 'checking' || phase === 'waiting_for_approval' || phase === 'running';
}
