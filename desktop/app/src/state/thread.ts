import type {
  ApproveActionResult,
  DecisionSummary,
  ErrorBody,
  EventPayloads,
  PauseInfo,
  PendingApproval,
  PolicyStatus,
  Provenance,
  ToolError,
  TokenUsage,
} from '@steward/contracts';

/** Payload of one event type. */
export type PayloadOf<K extends keyof EventPayloads> = NonNullable<EventPayloads[K]>;

/** A file that a task changed, with its counts. */
export interface ChangedFile {
  readonly path: string;
  readonly status: string;
  readonly additions: number;
  readonly deletions: number;
}

/** What the person wrote. */
export interface UserItem {
  readonly kind: 'user';
  readonly id: string;
  readonly content: string;
  readonly at: string;
  readonly taskId: string | null;
}

/** What the agent wrote, complete; partial when the task ended before the message did. */
export interface AssistantItem {
  readonly kind: 'assistant';
  readonly id: string;
  readonly content: string;
  readonly at: string;
  readonly stepId: string | null;
  readonly partial: boolean;
}

/** How an approval ended, as the card tells it. */
export interface ApprovalOutcome {
  readonly decision: Exclude<ApproveActionResult['decision'], 'held'>;
  readonly scope: 'once' | 'task' | 'session' | null;
  readonly reason: string | null;
  readonly by: string | null;
  readonly at: string;
}

/** State of a tool call from request to end. */
export type ToolPhase = 'checking' | 'waiting_for_approval' | 'running' | 'succeeded' | 'failed' | 'denied' | 'stopped';

/** One tool call. */
export interface ToolItem {
  readonly kind: 'tool';
  readonly id: string;
  readonly toolName: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly summary: string | null;
  readonly phase: ToolPhase;
  readonly output: string | null;
  readonly durationMs: number | null;
  readonly exitCode: number | null;
  readonly artifactUris: readonly string[];
  readonly error: ToolError | null;
  readonly decision: DecisionSummary | null;
  readonly provenance: Provenance | null;
  readonly diff: string | null;
  readonly approvalId: string | null;
  readonly approval: ApprovalOutcome | null;
  readonly at: string;
  readonly taskId: string | null;
  readonly stepId: string | null;
}

/** How a task ended. */
export interface EndItem {
  readonly kind: 'end';
  readonly id: string;
  readonly taskId: string | null;
  readonly outcome: 'completed' | 'failed' | 'cancelled';
  readonly stepCount: number | null;
  readonly durationMs: number | null;
  readonly filesChanged: readonly ChangedFile[];
  readonly error: ErrorBody | null;
  readonly reason: string | null;
  readonly forced: boolean;
  readonly prompt: string | null;
  readonly at: string;
}

/** A line between messages that says what happened to the conversation itself. */
export interface NoticeItem {
  readonly kind: 'notice';
  readonly id: string;
  readonly tone: 'info' | 'warning';
  readonly notice:
    | { readonly type: 'resumed'; readonly recovered: boolean }
    | { readonly type: 'compacted'; readonly dropped: number; readonly summarised: boolean }
    | { readonly type: 'step_limit'; readonly step: number; readonly max: number }
    | { readonly type: 'gap' }
    | { readonly type: 'effect_unknown'; readonly toolName: string; readonly description: string }
    | { readonly type: 'policy'; readonly policyName: string; readonly state: string }
    | { readonly type: 'policy_replaced'; readonly policyName: string }
    | { readonly type: 'kill_switch'; readonly active: boolean }
    | {
        readonly type: 'remote_tools';
        readonly problems: readonly { server: string; toolName?: string; reason: string }[];
      }
    | { readonly type: 'continued' }
    | { readonly type: 'continued_failed' }
    | { readonly type: 'rewound'; readonly restored: number; readonly refused: readonly string[] }
    | { readonly type: 'session_failed'; readonly error: ErrorBody };
  readonly at: string;
}

/** One entry of a conversation. */
export type ThreadItem = UserItem | AssistantItem | ToolItem | EndItem | NoticeItem;

/** The task in hand, or the last one. */
export interface ThreadTask {
  readonly taskId: string | null;
  readonly prompt: string;
  readonly running: boolean;
  readonly stepNumber: number;
  readonly maxSteps: number;
  readonly startedAt: string;
}

/** The model request in flight. */
export interface ModelRequest {
  readonly attempt: number;
  readonly retryInMs: number | null;
  readonly since: string;
}

/** Everything a conversation view shows, derived from events alone. */
export interface ThreadState {
  /** Sequence of the last event taken in; 0 before the first. */
  readonly lastSeq: number;
  readonly items: readonly ThreadItem[];
  /** The message being streamed; kept apart so that a chunk never touches the items. */
  readonly live: { readonly messageId: string; readonly text: string } | null;
  /** Output of running tools, by tool call. */
  readonly liveOutput: Readonly<Record<string, string>>;
  readonly task: ThreadTask | null;
  readonly request: ModelRequest | null;
  readonly approvals: readonly PendingApproval[];
  readonly usage: TokenUsage | null;
  readonly pause: PauseInfo | null;
  readonly policy: PolicyStatus | null;
  readonly changedFiles: readonly ChangedFile[];
  readonly ended: 'completed' | 'failed' | 'cancelled' | null;
}

/** A conversation before its first event. */
export const emptyThread: ThreadState = {
  lastSeq: 0,
  items: [],
  live: null,
  liveOutput: {},
  task: null,
  request: null,
  approvals: [],
  usage: null,
  pause: null,
  policy: null,
  changedFiles: [],
  ended: null,
};
