import type {
  CreateSessionResult,
  SandboxState,
  SessionState as SessionStateResult,
  TaskStatus,
  TaskSummary,
  UnknownEffect,
} from '@steward/contracts';
import { defaultMaxSteps } from './begin-task.ts';
import type { LiveSessionParts } from './live-session-parts.ts';
import { isRunning } from './session-state.ts';
import type { SessionState } from './session-state.ts';
import { sessionStatusOf } from './session-status.ts';

/** What an opening tells beyond the session itself; empty lists are left out. */
export interface OpeningExtras {
  readonly unknownEffects?: UnknownEffect[];
  readonly warnings?: string[];
  readonly interruptedTask?: TaskSummary;
}

/** A task for clients. Pure. @param stage of the work that goes on; undefined when none does */
export function summaryOf(
  { tasks, task }: Pick<SessionState, 'task' | 'tasks'>,
  taskId: string,
  stage: TaskStatus | undefined,
): TaskSummary {
  if (task?.taskId === taskId) {
    const status = isRunning(task) && stage !== undefined ? stage : task.status;
    return { taskId, status, stepCount: task.stepCount, maxSteps: task.maxSteps, prompt: task.prompt };
  }
  const known = tasks.get(taskId);
  return { taskId, status: known?.status ?? 'IDLE', stepCount: known?.stepCount ?? 0, maxSteps: defaultMaxSteps };
}

/** The answer to GetSessionState. Changes nothing. */
export function describeSession(
  { store, policy, desk, outbox }: Pick<LiveSessionParts, 'store' | 'policy' | 'desk' | 'outbox'>,
  stage: TaskStatus | undefined,
  sandbox: SandboxState | undefined,
): SessionStateResult {
  const { state } = store;
  const workspaceId = state.facts?.workspaceId;
  return {
    sessionId: store.sessionId,
    ...(workspaceId === undefined ? {} : { workspaceId }),
    sessionStatus: sessionStatusOf(state, stage),
    task: state.task === undefined ? null : summaryOf(state, state.task.taskId, stage),
    pendingApprovals: desk.pending(),
    usage: { ...state.usage, maxSessionTokens: policy.bundle.llmPolicy.maxSessionTokens },
    lastSeq: state.lastSeq,
    policy: policy.status(),
    ...(state.pause === undefined ? {} : { pause: state.pause }),
    outbox: outbox.state(),
    ...(sandbox === undefined ? {} : { sandbox }),
    ...(state.facts?.projectDir === undefined ? {} : { folderTrusted: state.folderTrusted }),
  };
}

/** The answer to CreateSession and ResumeSession. Changes nothing; the session's facts are there. */
export function describeOpening(
  { store, policy }: Pick<LiveSessionParts, 'store' | 'policy'>,
  stage: TaskStatus | undefined,
  { interruptedTask, unknownEffects, warnings }: OpeningExtras,
): CreateSessionResult {
  const facts = store.state.facts!;
  return {
    sessionId: store.sessionId,
    workspaceId: facts.workspaceId,
    sessionStatus: sessionStatusOf(store.state, stage),
    policy: policy.status(),
    featureFlags: facts.featureFlags,
    model: facts.model,
    demoModel: facts.demoModel,
    lastSeq: store.state.lastSeq,
    messages: store.state.messages.length,
    ...(interruptedTask === undefined ? {} : { interruptedTask }),
    ...(unknownEffects === undefined || unknownEffects.length === 0 ? {} : { unknownEffects }),
    ...(warnings === undefined || warnings.length === 0 ? {} : { warnings }),
  };
}
