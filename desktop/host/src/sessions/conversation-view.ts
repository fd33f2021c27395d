import type {
  OutboxState,
  PauseInfo,
  PolicyStatus,
  SandboxState,
  SessionEvent,
  SessionStatus,
  TaskStatus,
  TaskSummary,
  TokenUsage,
} from '@steward/contracts';
import { conversationTitle } from '@steward/sdk';

/** What a conversation's events say about its present; derived, never stored. */
export interface ConversationView {
  readonly status: SessionStatus;
  readonly model: string;
  readonly demoModel: boolean;
  readonly policy: PolicyStatus | null;
  readonly task: TaskSummary | null;
  readonly usage: TokenUsage | null;
  readonly pause: PauseInfo | null;
  readonly outbox: OutboxState | null;
  /** How commands are walled in; null until the runtime has tried it out. */
  readonly sandbox: SandboxState | null;
  /** What the person decided about the folder; null in a general chat and until a runtime was told. */
  readonly folderTrusted: boolean | null;
  /** Ids of approvals nobody has answered. */
  readonly pendingApprovals: readonly string[];
  /** First prompt of the conversation, shortened; null until there is one. */
  readonly firstPrompt: string | null;
}

/** The view before any event. */
export function initialView(model: string, demoModel: boolean): ConversationView {
  return {
    status: 'SESSION_CREATED',
    model,
    demoModel,
    policy: null,
    task: null,
    usage: null,
    pause: null,
    outbox: null,
    sandbox: null,
    folderTrusted: null,
    pendingApprovals: [],
    firstPrompt: null,
  };
}

/** The view after one more event. Pure; unknown events and odd payloads change nothing. */
export function applyEvent(view: ConversationView, event: SessionEvent): ConversationView {
  const payload = event.payload as Record<string, never>;
  switch (event.eventType) {
    case 'session_created':
      return payload['policy'] === undefined ? view : { ...view, policy: payload['policy'] };
    case 'session_started':
      return {
        ...view,
        status: 'SESSION_RUNNING',
        model: text(payload['model']) ?? view.model,
        demoModel: typeof payload['demoModel'] === 'boolean' ? payload['demoModel'] : view.demoModel,
        policy: payload['policy'] ?? view.policy,
      };
    case 'session_paused':
      return { ...view, status: 'SESSION_PAUSED', pause: payload as unknown as PauseInfo };
    case 'session_resumed':
      return { ...view, status: 'SESSION_RUNNING', pause: null };
    case 'session_completed':
      return { ...view, status: 'SESSION_COMPLETED', pendingApprovals: [] };
    case 'session_failed':
      return { ...view, status: 'SESSION_FAILED', pendingApprovals: [] };
    case 'session_cancelled':
      return { ...view, status: 'SESSION_CANCELLED', pendingApprovals: [] };
    case 'task_started':
      return startTask(view, event);
    case 'step_started':
      return withTask(view, 'TASK_RUNNING', {
        stepCount: number(payload['stepNumber']),
        maxSteps: number(payload['maxSteps']),
      });
    case 'step_completed':
      return { ...view, usage: payload['usage'] ?? view.usage };
    case 'llm_request_started':
      return withTask({ ...view, status: 'WAITING_FOR_LLM', pause: null }, 'WAITING_FOR_LLM');
    case 'llm_request_completed':
      return withTask({ ...view, status: 'SESSION_RUNNING' }, 'PROCESSING_RESPONSE');
    case 'tool_requested':
      return withTask({ ...view, status: 'WAITING_FOR_TOOL' }, 'EXECUTING_TOOLS');
    case 'approval_requested':
      return requestApproval(view, payload['approval']);
    case 'approval_resolved':
    case 'approval_timeout':
      return resolveApproval(view, payload['approvalId']);
    case 'task_completed':
      return endTask(view, 'TASK_COMPLETED', number(payload['stepCount']));
    case 'task_failed':
      return endTask(view, 'TASK_FAILED', number(payload['stepCount']));
    case 'task_cancelled':
      return endTask(view, 'TASK_CANCELLED', number(payload['stepCount']));
    case 'policy_changed':
    case 'policy_expired':
      return { ...view, policy: payload['policy'] ?? view.policy };
    case 'folder_trust_changed':
      return typeof payload['trusted'] === 'boolean' ? { ...view, folderTrusted: payload['trusted'] } : view;
    case 'outbox_changed':
      return { ...view, outbox: payload as unknown as OutboxState };
    default:
      return view;
  }
}

function startTask(view: ConversationView, event: SessionEvent): ConversationView {
  const payload = event.payload as Record<string, unknown>;
  const prompt = text(payload['prompt']) ?? '';
  const task: TaskSummary | null =
    event.taskId === undefined
      ? view.task
      : {
          taskId: event.taskId,
          status: 'TASK_RUNNING',
          stepCount: 0,
          maxSteps: number(payload['maxSteps']) ?? 40,
          prompt,
        };
  const title = conversationTitle(prompt);
  const firstPrompt = view.firstPrompt ?? (title === '' ? null : title);
  return { ...view, status: 'SESSION_RUNNING', pause: null, task, firstPrompt };
}

function withTask(
  view: ConversationView,
  status: TaskStatus,
  counts: { stepCount?: number | undefined; maxSteps?: number | undefined } = {},
): ConversationView {
  if (view.task === null) return view;
  const stepCount = counts.stepCount ?? view.task.stepCount;
  const maxSteps = counts.maxSteps ?? view.task.maxSteps;
  return { ...view, task: { ...view.task, status, stepCount, maxSteps } };
}

function endTask(view: ConversationView, status: TaskStatus, stepCount: number | undefined): ConversationView {
  return withTask({ ...view, status: 'SESSION_RUNNING', pause: null, pendingApprovals: [] }, status, { stepCount });
}

function requestApproval(view: ConversationView, approval: { approvalId?: string } | undefined): ConversationView {
  const id = approval?.approvalId;
  if (typeof id !== 'string' || view.pendingApprovals.includes(id)) return view;
  const pending = {
    ...view,
    status: 'WAITING_FOR_APPROVAL' as const,
    pendingApprovals: [...view.pendingApprovals, id],
  };
  return withTask(pending, 'WAITING_FOR_APPROVAL');
}

function resolveApproval(view: ConversationView, approvalId: unknown): ConversationView {
  const pendingApprovals = view.pendingApprovals.filter((id) => id !== approvalId);
  if (pendingApprovals.length === view.pendingApprovals.length) return view;
  if (pendingApprovals.length > 0) return { ...view, pendingApprovals };
  return withTask({ ...view, status: 'SESSION_RUNNING', pendingApprovals }, 'EXECUTING_TOOLS');
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
