import type {
  ApprovalScope,
  CreateSessionParams,
  FeatureFlags,
  PauseInfo,
  PendingApproval,
  Principal,
  RewindResult,
  TaskOptions,
  TaskStatus,
} from '@steward/contracts';
import type { EffectIntent, EffectOutcome, FileReturn, ToolOutcome } from '@steward/tool-port';
import type { OutboxRequest } from '../ports.ts';
import type { ContextSummary } from '../thread/context-summary.ts';
import { NewestMessages } from './newest-messages.ts';

/** What never changes in a session, from the handshake. */
export interface SessionFacts {
  readonly sessionId: string;
  readonly workspaceId: string;
  readonly createdAt: string;
  readonly params: CreateSessionParams;
  readonly featureFlags: FeatureFlags;
  readonly model: string;
  readonly demoModel: boolean;
  /** Real path of the project folder; absent in a general chat. */
  readonly projectDir?: string;
  /** What the person had decided about the project folder when the conversation began; absent is no. */
  readonly folderTrusted?: boolean;
}

/** One task and how far it is. */
export interface TaskState {
  readonly taskId: string;
  readonly prompt: string;
  readonly maxSteps: number;
  readonly options: Partial<TaskOptions>;
  readonly startedAt: string;
  status: TaskStatus;
  /** Steps that were started. */
  stepCount: number;
  /** The step that is not completed yet. */
  openStep?: { readonly stepId: string; readonly number: number };
  /** The message that says what the task is for, and how many messages were before it. */
  goalMessageId?: string;
  goalIndex?: number;
  /** Why the model's last answer ended. */
  finishReason?: string;
  endedAt?: string;
}

/** How an approval stands. */
export type ApprovalAnswer = 'approved' | 'denied' | 'timeout' | 'cancelled';

/** An approval request and its answer. */
export interface ApprovalRecord {
  readonly request: PendingApproval;
  status: 'pending' | 'held' | ApprovalAnswer;
  /** Time left for an answer when it was last written down, in milliseconds. */
  remainingMs?: number;
  scope?: ApprovalScope;
  reason?: string;
  decidedBy?: Principal;
  /** What later calls this answer also covers, for scopes wider than once. */
  readonly grantKey: string;
}

/** Permission that a person gave for more than one call. */
export interface Grant {
  readonly key: string;
  readonly scope: 'task' | 'session';
  readonly taskId: string;
  readonly approvalId: string;
  readonly approvedBy: string;
}

/** A side effect that was announced; its outcome follows unless the process died in between. */
export interface EffectRecord {
  readonly toolCallId: string;
  readonly taskId: string;
  readonly stepId: string;
  readonly toolName: string;
  readonly actionDigest: string;
  readonly intent: EffectIntent;
  /** Messages that the conversation had when it was announced: the last of them called for it. */
  readonly at: number;
  proof?: EffectOutcome;
}

/** A file of old messages, closed effects and answered approvals that is never changed again. */
export interface SealedPart {
  /** Counts up in a session; never used again. */
  readonly number: number;
  /** Name of the file in the session's folder. */
  readonly name: string;
  /** The first of its messages, and the number after the last one that still counts. */
  readonly first: number;
  readonly end: number;
  readonly bytes: number;
  readonly checksum: string;
}

/** A request that waits for a service. */
export interface OutboxItem {
  readonly id: string;
  readonly request: OutboxRequest;
}

/** A return to an earlier checkpoint that was decided; the event `session_rewound` ends it. */
export interface BegunRewind {
  readonly checkpointId: string;
  readonly planDigest: string;
  /** Messages that are kept. */
  readonly kept: number;
  /** The last step that is kept, or the first task that is gone. */
  readonly place: { readonly keptStepId?: string; readonly removedTaskId?: string };
  readonly force: boolean;
  readonly returns: readonly FileReturn[];
}

/** Everything a session is, derived from its journal and nothing else. */
export interface SessionState {
  facts: SessionFacts | undefined;
  bundleJws: string;
  policyVersion: number;
  lastSeq: number;
  readonly messages: NewestMessages;
  /** Files that hold what is no longer in the journal, oldest first. */
  sealed: SealedPart[];
  /** Number of the newest of them, whether it is still needed or not. */
  lastPart: number;
  /** The first prompt on one line, and how many messages were before it. */
  title: { readonly text: string; readonly at: number } | undefined;
  /** Stands in requests for the messages that it covers. */
  summary: ContextSummary | undefined;
  task: TaskState | undefined;
  readonly tasks: Map<string, { status: TaskStatus; stepCount: number; startedAt: string; endedAt?: string }>;
  usage: { inputTokens: number; outputTokens: number; sessionTokensUsed: number };
  pause: PauseInfo | undefined;
  /** Those that wait, and the answered ones of the newest step; older ones are on the disk. */
  readonly approvals: Map<string, ApprovalRecord>;
  readonly grants: Map<string, Grant>;
  /** Those without a proof, and the closed ones of the newest step; older ones are on the disk. */
  readonly effects: Map<string, EffectRecord>;
  /** Of calls whose result is not in the thread yet. */
  readonly outcomes: Map<string, ToolOutcome>;
  /** Those of them whose end was told to clients. */
  readonly told: Set<string>;
  readonly acceptedTasks: Set<string>;
  /** The last task whose end is on its way to the Session Service, or there. */
  reportedTask: string | undefined;
  readonly outbox: Map<string, OutboxItem>;
  /** Events up to this sequence are stored by the Audit Service. */
  auditedSeq: number;
  untrustedRead: boolean;
  /** Programs may obey what the project folder configures. */
  folderTrusted: boolean;
  /** Content from a guarded place, or with secrets taken out, is in the thread. */
  secretRead: boolean;
  /** A return that was begun and is not finished. */
  rewinding: BegunRewind | undefined;
  /** The last finished return, for a repeated call. */
  lastRewind: { readonly planDigest: string; readonly result: RewindResult } | undefined;
  ended: boolean;
}

/** A session before its first record. */
export function emptySessionState(): SessionState {
  return {
    facts: undefined,
    bundleJws: '',
    policyVersion: 0,
    lastSeq: 0,
    messages: new NewestMessages(),
    sealed: [],
    lastPart: 0,
    title: undefined,
    summary: undefined,
    task: undefined,
    tasks: new Map(),
    usage: { inputTokens: 0, outputTokens: 0, sessionTokensUsed: 0 },
    pause: undefined,
    approvals: new Map(),
    grants: new Map(),
    effects: new Map(),
    outcomes: new Map(),
    told: new Set(),
    acceptedTasks: new Set(),
    reportedTask: undefined,
    outbox: new Map(),
    auditedSeq: 0,
    untrustedRead: false,
    secretRead: false,
    folderTrusted: false,
    rewinding: undefined,
    lastRewind: undefined,
    ended: false,
  };
}

const endStatuses = new Set<TaskStatus>(['TASK_COMPLETED', 'TASK_FAILED', 'TASK_CANCELLED']);

/** True while the task has not ended. */
export function isRunning(task: TaskState | undefined): task is TaskState {
  return task !== undefined && !hasEnded(task);
}

/** Whether the task has come to an end, of whatever kind. */
export function hasEnded({ status }: Pick<TaskState, 'status'>): boolean {
  return endStatuses.has(status);
}
