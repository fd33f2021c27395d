import type {
  ConversationMessage,
  PauseInfo,
  RewindResult,
  SessionEvent,
  TaskOptions,
  TaskStatus,
} from '@steward/contracts';
import { conversationTitle } from '@steward/sdk';
import type { EffectOutcome, ToolOutcome } from '@steward/tool-port';
import type { EventName } from '../events/event-types.ts';
import type { OutboxRequest } from '../ports.ts';
import type { ContextSummary } from '../thread/context-summary.ts';
import { hasEnded } from './session-state.ts';
import type {
  ApprovalRecord,
  BegunRewind,
  EffectRecord,
  Grant,
  OutboxItem,
  SealedPart,
  SessionFacts,
  SessionState,
  TaskState,
} from './session-state.ts';

/** The private records of the journal: what the reducer needs and no event says. */
export interface PrivateRecords {
  session: SessionFacts;
  bundle: { jws: string; version: number };
  message: ConversationMessage;
  sealed: SealedPart;
  summary: ContextSummary;
  /** `at` is the present number of messages where it is left out. */
  intent: Omit<EffectRecord, 'at'> & { readonly at?: number };
  outcome: { toolCallId: string; proof: EffectOutcome; result: ToolOutcome };
  approval: ApprovalRecord;
  grant: Grant;
  outbox: OutboxItem;
  sent: { id: string };
  audited: { seq: number };
  rewinding: BegunRewind;
  ended: { acceptedTaskId?: string; session?: true };
}

/** Applies one private record. */
export function applyPrivate<K extends keyof PrivateRecords>(
  state: SessionState,
  kind: K,
  value: PrivateRecords[K],
): void {
  (appliers[kind] as (state: SessionState, value: PrivateRecords[K]) => void)(state, value);
}

const appliers: { [K in keyof PrivateRecords]: (state: SessionState, value: PrivateRecords[K]) => void } = {
  session: (state, facts) => {
    state.facts = facts;
    state.folderTrusted = facts.folderTrusted === true;
  },
  bundle: (state, { jws, version }) => {
    state.bundleJws = jws;
    state.policyVersion = version;
  },
  message: (state, message) => addMessage(state, message),
  sealed: (state, part) => {
    state.sealed.push(part);
    state.lastPart = Math.max(state.lastPart, part.number);
    if (state.messages.length < part.end) state.messages.skipTo(part.end);
  },
  summary: (state, summary) => {
    state.summary = summary;
  },
  intent: (state, effect) =>
    void state.effects.set(effect.toolCallId, { ...effect, at: effect.at ?? state.messages.length }),
  outcome: (state, { toolCallId, proof, result }) => {
    state.outcomes.set(toolCallId, result);
    const effect = state.effects.get(toolCallId);
    if (effect !== undefined) effect.proof = proof;
  },
  approval: (state, approval) => void state.approvals.set(approval.request.approvalId, approval),
  grant: (state, grant) => void state.grants.set(grant.key, grant),
  outbox: (state, item) => {
    state.outbox.set(item.id, item);
    state.reportedTask = reportedTaskOf(item.request) ?? state.reportedTask;
  },
  sent: (state, { id }) => void state.outbox.delete(id),
  audited: (state, { seq }) => {
    state.auditedSeq = Math.max(state.auditedSeq, seq);
  },
  rewinding: (state, begun) => {
    state.rewinding = begun;
  },
  ended: (state, { acceptedTaskId, session }) => {
    if (acceptedTaskId !== undefined) state.acceptedTasks.add(acceptedTaskId);
    if (session === true) state.ended = true;
  },
};

/** The task whose end a request tells the Session Service; undefined for every other request. */
function reportedTaskOf({ service, path, body }: OutboxRequest): string | undefined {
  if (service !== 'session' || !path.endsWith('/tasks')) return undefined;
  const task = body as Pick<TaskState, 'taskId' | 'status'>;
  return hasEnded(task) ? task.taskId : undefined;
}

/** Whether a kind of record is a private one that this version knows. */
export function isPrivateKind(kind: string): kind is keyof PrivateRecords {
  return Object.hasOwn(appliers, kind);
}

/** The fields of event payloads that change the state; which ones are there depends on the event. */
interface EventFields {
  readonly message: ConversationMessage;
  readonly messageId: string;
  readonly content: string;
  readonly prompt: string;
  readonly maxSteps: number;
  readonly stepNumber: number;
  readonly taskOptions?: Partial<TaskOptions>;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly finishReason?: string;
}

type EventApplier = (state: SessionState, event: SessionEvent, payload: EventFields) => void;

/** What the events mean that mean anything; all others change nothing but the sequence. */
const eventAppliers: { readonly [N in EventName]?: EventApplier } = {
  message_completed: (state, event) => addMessage(state, messageOf(event)!),
  user_message: (state, event, { messageId }) => {
    if (state.task !== undefined && state.task.taskId === event.taskId && state.task.goalMessageId === undefined) {
      state.task.goalMessageId = messageId;
      state.task.goalIndex = state.messages.length;
    }
    addMessage(state, messageOf(event)!);
  },
  task_started: (state, event, payload) => startTask(state, event, payload),
  step_started: ({ task }, { stepId }, { stepNumber }) => {
    if (task === undefined || stepId === undefined) return;
    task.stepCount = stepNumber;
    task.openStep = { stepId, number: stepNumber };
    delete task.finishReason;
  },
  tool_completed: (state, event) => endCall(state, event),
  llm_request_completed: (state, _event, payload) => addUsage(state, payload),
  step_completed: ({ task }) => {
    if (task !== undefined) delete task.openStep;
  },
  task_completed: (state, event) => endTask(state, event, 'TASK_COMPLETED'),
  task_failed: (state, event) => endTask(state, event, 'TASK_FAILED'),
  task_cancelled: (state, event) => endTask(state, event, 'TASK_CANCELLED'),
  session_paused: (state, _event, payload) => {
    state.pause = payload as unknown as PauseInfo;
  },
  session_rewound: (state, _event, payload) => goBack(state, payload as unknown as RewindResult),
  session_resumed: (state) => {
    state.pause = undefined;
  },
  folder_trust_changed: (state, { payload }) => {
    state.folderTrusted = payload['trusted'] === true;
  },
  session_completed: (state) => {
    state.ended = true;
  },
  session_cancelled: (state) => {
    state.ended = true;
  },
};

/** Applies one event that clients see. Chunks change nothing but the sequence. */
export function applyEvent(state: SessionState, event: SessionEvent): void {
  state.lastSeq = event.seq;
  if (changesState(event.eventType))
    eventAppliers[event.eventType]!(state, event, event.payload as unknown as EventFields);
}

/** Whether events of this type change more than the sequence, so that an opening has to look into them. Pure. */
export function changesState(eventType: string): eventType is EventName {
  return Object.hasOwn(eventAppliers, eventType);
}

/** The message that an event adds to the conversation; undefined for one that adds none. Pure. */
export function messageOf(event: SessionEvent): ConversationMessage | undefined {
  const payload = event.payload as unknown as EventFields;
  if (event.eventType === 'message_completed') return payload.message;
  if (event.eventType !== 'user_message') return undefined;
  return {
    messageId: payload.messageId,
    sessionId: event.sessionId,
    ...(event.taskId === undefined ? {} : { taskId: event.taskId }),
    role: 'user',
    content: payload.content,
    timestamp: event.timestamp,
    provenance: { source: 'person', trust: 'trusted' },
  };
}

/** What comes after the checkpoint was never said. Permissions given meanwhile are gone with it: one is asked again. */
function goBack(state: SessionState, { checkpointId, restored, refused, messages }: RewindResult): void {
  const result = { checkpointId, restored, refused, messages };
  const planDigest = state.rewinding?.planDigest ?? '';
  for (const { toolCallId, at } of state.effects.values()) if (at > result.messages) state.effects.delete(toolCallId);
  state.messages.truncate(result.messages);
  state.sealed = state.sealed
    .filter(({ first }) => first < result.messages)
    .map((part) => ({ ...part, end: Math.min(part.end, result.messages) }));
  if (state.summary !== undefined && state.summary.upTo > result.messages) state.summary = undefined;
  if (state.title !== undefined && state.title.at >= result.messages) state.title = undefined;
  // Its goal is the first message of a task.
  if ((state.task?.goalIndex ?? result.messages) >= result.messages) state.task = undefined;
  state.outcomes.clear();
  state.told.clear();
  state.grants.clear();
  state.pause = undefined;
  state.rewinding = undefined;
  state.lastRewind = { planDigest, result };
}

/** A call that was told to have ended has ended: a process that dies before its result is in the thread finds it here. */
function endCall(state: SessionState, { payload, sessionId, taskId = '', stepId = '' }: SessionEvent): void {
  const {
    toolCallId,
    decision: _decision,
    diff: _diff,
    ...result
  } = payload as unknown as ToolOutcome & {
    toolCallId: string;
    decision?: unknown;
  };
  state.told.add(toolCallId);
  if (!state.outcomes.has(toolCallId)) state.outcomes.set(toolCallId, { ...result, sessionId, taskId, stepId });
}

function addUsage(state: SessionState, payload: EventFields): void {
  const { inputTokens = 0, outputTokens = 0, finishReason } = payload;
  state.usage.inputTokens += inputTokens;
  state.usage.outputTokens += outputTokens;
  state.usage.sessionTokensUsed += inputTokens + outputTokens;
  if (state.task !== undefined && finishReason !== undefined) state.task.finishReason = finishReason;
}

function startTask(state: SessionState, event: SessionEvent, payload: EventFields): void {
  const taskId = event.taskId ?? '';
  state.pause = undefined;
  state.task = {
    taskId,
    prompt: payload.prompt,
    maxSteps: payload.maxSteps,
    options: payload.taskOptions ?? {},
    startedAt: event.timestamp,
    status: 'TASK_RUNNING',
    stepCount: 0,
  };
  state.tasks.set(taskId, { status: 'TASK_RUNNING', stepCount: 0, startedAt: event.timestamp });
}

function endTask(state: SessionState, event: SessionEvent, status: TaskStatus): void {
  const { task } = state;
  if (task === undefined) return;
  task.status = status;
  task.endedAt = event.timestamp;
  delete task.openStep;
  state.pause = undefined;
  state.tasks.set(task.taskId, {
    status,
    stepCount: task.stepCount,
    startedAt: task.startedAt,
    endedAt: event.timestamp,
  });
  for (const [key, grant] of state.grants) if (grant.scope === 'task') state.grants.delete(key);
}

function addMessage(state: SessionState, message: ConversationMessage): void {
  const { provenance, toolCallId } = message;
  if (message.role !== 'tool') closeBlock(state);
  if (message.role === 'user' && state.title === undefined) {
    const text = conversationTitle(message.content);
    if (text !== '') state.title = { text, at: state.messages.length };
  }
  state.messages.push(message);
  // What the model says is made of what it was given; only content from elsewhere is news to the thread.
  const fromElsewhere = provenance !== undefined && provenance.source !== 'model';
  if (fromElsewhere && provenance.trust !== 'trusted') state.untrustedRead = true;
  if (provenance?.trust === 'secret') state.secretRead = true;
  // Its result is in the thread now, so the copy in the outcome is no longer needed.
  if (toolCallId === undefined) return;
  state.outcomes.delete(toolCallId);
  state.told.delete(toolCallId);
}

/** A new block begins: what belongs to the one before and is settled is looked up on the disk from here on. */
function closeBlock(state: SessionState): void {
  for (const { toolCallId, proof } of state.effects.values()) if (proof !== undefined) state.effects.delete(toolCallId);
  for (const { request, status } of state.approvals.values())
    if (status !== 'pending' && status !== 'held') state.approvals.delete(request.approvalId);
}
