import type {
  ApproveActionParams,
  ApproveActionResult,
  CancelTaskResult,
  ErrorBody,
  GetCheckpointsResult,
  GetEventsResult,
  GetMessagesResult,
  NamedSecret,
  OutboxState,
  PatchPreview,
  PauseInfo,
  PolicyStatus,
  RevertFileResult,
  RewindParams,
  RewindPlan,
  RewindResult,
  SandboxState,
  SessionEvent,
  SessionHistory,
  SessionState,
  SessionStatus,
  StartTaskResult,
  TaskOptions,
  TaskSummary,
  TokenUsage,
  ExplainedDecision,
  KillSwitch,
  PolicyAction,
  PolicyChangeRecord,
  PolicyContent,
  PolicyDiff,
  PolicyFacts,
  PolicyTemplate,
  PolicyValidation,
  PolicyVersion,
  PolicyVersionStatus,
  Revocation,
  RevocationInput,
  SigningKeyStatus,
  Simulation,
  SimulationInput,
} from '@steward/contracts';

/** Who is signed in, without any token. */
export interface IdentitySnapshot {
  readonly state: 'signed_out' | 'signing_in' | 'signed_in';
  readonly user?: {
    readonly userId: string;
    readonly tenantId: string;
    readonly name: string;
    readonly roles: readonly string[];
  };
  /** Why the last sign-in ended or failed, in one sentence. */
  readonly message?: string;
}

/** Health of one part that the host depends on. */
export interface ServiceHealth {
  readonly name: string;
  readonly state: 'ok' | 'degraded' | 'down' | 'unknown';
  /** One line why, when not ok. */
  readonly message?: string;
  readonly checkedAt?: string;
}

/** What a person chose; kept on this machine. */
export interface Settings {
  readonly theme: 'system' | 'light' | 'dark';
  readonly reduceMotion: boolean;
  readonly railCollapsed: boolean;
  readonly diffStyle: 'unified' | 'split';
  readonly taskOptions: TaskOptions;
  /** Project folders opened lately, newest first, at most 20. */
  readonly recentFolders: readonly string[];
}

/** One live conversation as the host knows it. */
export interface Conversation {
  readonly sessionId: string;
  readonly workspaceId: string;
  readonly title: string;
  /** null in a general chat. */
  readonly projectDir: string | null;
  /** State of the conversation's own runtime process. */
  readonly runtime: 'starting' | 'running' | 'crashed' | 'stopped';
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
  readonly pendingApprovals: number;
  readonly lastSeq: number;
  readonly startedAt: string;
  /** Set when the runtime ended unexpectedly: Resume, Start fresh and Close are offered. */
  readonly interruption: { readonly message: string; readonly since: string } | null;
  /** The past session that this conversation continues. */
  readonly continuedFrom: string | null;
  /** In a fork: the last message that was taken over. */
  readonly continuedAt?: string;
}

/** Everything the frame shows; sent whole whenever any of it changes. */
export interface HostSnapshot {
  readonly appVersion: string;
  readonly shell: 'web' | 'electron';
  readonly platform: string;
  readonly identity: IdentitySnapshot;
  readonly runtime: { readonly state: 'running' | 'degraded' | 'stopped'; readonly message: string };
  readonly conversations: readonly Conversation[];
  readonly settings: Settings;
  /** Model name when no conversation is open yet; demo is true when the stand-in model answers. */
  readonly model: { readonly name: string; readonly demo: boolean };
}

/** A page of a list; nextCursor is given when there is more. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
}

/** A workspace in History. */
export interface HistoryWorkspace {
  readonly workspaceId: string;
  readonly scope: 'local' | 'general' | 'cloud';
  readonly localPath: string | null;
  readonly name: string;
  readonly createdAt: string;
  readonly lastActiveAt: string;
  readonly sessionCount?: number;
}

/** A past or live session in History. */
export interface HistorySession {
  readonly sessionId: string;
  readonly workspaceId: string;
  readonly title: string;
  readonly status: SessionStatus;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** false until the first task's history has been saved. */
  readonly hasHistory: boolean;
}

/** A folder on this machine, for the folder picker. */
export interface FolderListing {
  readonly path: string;
  readonly parent: string | null;
  readonly folders: readonly { readonly name: string; readonly path: string; readonly hidden: boolean }[];
  readonly truncated: boolean;
}

/** Facts for the Diagnostics view. Holds no secret. */
export interface Diagnostics {
  readonly appVersion: string;
  readonly nodeVersion: string;
  readonly platform: string;
  readonly home: string;
  readonly services: readonly ServiceHealth[];
  readonly runtimes: readonly {
    readonly sessionId: string;
    readonly pid: number | null;
    readonly state: string;
    readonly restarts: number;
    readonly version: string | null;
    /** null until the runtime has tried it out. */
    readonly sandbox: SandboxState | null;
  }[];
  readonly recentErrors: readonly { readonly at: string; readonly source: string; readonly message: string }[];
}

/** A stored artifact as text for display; binary content is described instead. */
export interface ArtifactContent {
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly text: string | null;
  readonly truncated: boolean;
}

/** Every call the renderer may make: name → params and result. The host validates all params. */
export interface HostCalls {
  getSnapshot: { params: Record<string, never>; result: HostSnapshot };
  /** Begins sign-in. The web shell answers with the page to go to; Electron opens the system browser itself. */
  signIn: { params: Record<string, never>; result: { readonly navigateTo?: string } };
  signOut: { params: Record<string, never>; result: Record<string, never> };
  browseFolders: { params: { path?: string }; result: FolderListing };
  /** The system's own folder dialog where the shell has one; null when cancelled or not available. */
  chooseFolder: {
    params: Record<string, never>;
    result: { readonly path: string | null; readonly available: boolean };
  };
  /** Starts a runtime and a session. projectDir null is a general chat. */
  openConversation: {
    params: { projectDir: string | null; continueFromSessionId?: string; workspaceId?: string };
    result: Conversation;
  };
  getConversationState: { params: { sessionId: string }; result: SessionState };
  closeConversation: { params: { sessionId: string }; result: Record<string, never> };
  /** After a crash or a restart of the host. start_fresh opens a new conversation in the same folder and returns it. */
  recoverConversation: {
    params: { sessionId: string; action: 'resume' | 'start_fresh' | 'close' };
    result: Conversation | null;
  };
  startTask: {
    params: { sessionId: string; taskId?: string; prompt: string; taskOptions?: TaskOptions };
    result: StartTaskResult;
  };
  cancelTask: { params: { sessionId: string; taskId?: string; force?: boolean }; result: CancelTaskResult };
  approve: { params: ApproveActionParams & { sessionId: string }; result: ApproveActionResult };
  getEvents: { params: { sessionId: string; fromSeq: number; limit?: number }; result: GetEventsResult };
  getMessages: { params: { sessionId: string; cursor?: string; limit?: number }; result: GetMessagesResult };
  getPatch: { params: { sessionId: string; taskId?: string }; result: PatchPreview };
  revertFile: {
    params: { sessionId: string; taskId?: string; path?: string; force?: boolean };
    result: RevertFileResult;
  };
  acceptPatch: { params: { sessionId: string; taskId?: string }; result: Record<string, never> };
  /** Steps to go back to or fork from, newest first. */
  getCheckpoints: { params: { sessionId: string; cursor?: string }; result: GetCheckpointsResult };
  /** What going back would do and what it could not undo. */
  getRewindPlan: { params: { sessionId: string; checkpointId: string }; result: RewindPlan };
  /** Returns the conversation and its files to a step, as the plan of this digest says. */
  rewind: { params: RewindParams & { sessionId: string }; result: RewindResult };
  /** A new conversation in the same folder that begins with the thread up to a step; files stay as they are. */
  forkConversation: { params: { sessionId: string; checkpointId: string }; result: Conversation };
  /** Names of files in the conversation's folder that contain the query, at most 50; for @ in the composer. */
  findFileNames: { params: { sessionId: string; query: string }; result: { readonly paths: readonly string[] } };
  listWorkspaces: { params: { cursor?: string }; result: Page<HistoryWorkspace> };
  listSessions: { params: { workspaceId: string; cursor?: string }; result: Page<HistorySession> };
  getHistory: { params: { workspaceId: string; sessionId: string }; result: SessionHistory };
  deleteWorkspace: { params: { workspaceId: string }; result: Record<string, never> };
  getArtifact: { params: { workspaceId: string; artifactId: string }; result: ArtifactContent };
  setSettings: { params: { settings: Partial<Settings> }; result: Settings };
  /** Whether programs may obey what the conversation's folder configures; kept for this exact real path. */
  setFolderTrust: { params: { sessionId: string; trusted: boolean }; result: Record<string, never> };
  listTrustedFolders: { params: Record<string, never>; result: { readonly paths: readonly string[] } };
  /** Takes a folder off the list, and from the open conversations in it. */
  removeTrustedFolder: { params: { path: string }; result: Record<string, never> };
  /** Secrets that tools use by name. Values never come back. */
  listSecrets: {
    params: Record<string, never>;
    result: {
      readonly items: readonly Omit<NamedSecret, 'value'>[];
      /** What keeps the values on this machine. */
      readonly keptBy: 'key_store' | 'file';
    };
  };
  setSecret: { params: NamedSecret; result: Record<string, never> };
  removeSecret: { params: { name: string }; result: Record<string, never> };
  getDiagnostics: { params: Record<string, never>; result: Diagnostics };
  /** Policy versions, newest first. These and the calls below need the role admin; auditors may read. */
  listPolicies: { params: { status?: PolicyVersionStatus; cursor?: string }; result: Page<PolicyVersion> };
  getPolicy: { params: { version: number }; result: PolicyVersion };
  /** Begins with given content, a template, or the content of another version. */
  createPolicyDraft: {
    params: { content?: PolicyContent; template?: string; basedOnVersion?: number };
    result: PolicyVersion;
  };
  /** CONFLICT carries the draft as it is now in `details.current`. */
  updatePolicyDraft: {
    params: { version: number; revision: number; content: PolicyContent };
    result: PolicyVersion;
  };
  /** For every keystroke: nothing is stored. Text gives problems their lines. */
  validatePolicy: { params: { text: string }; result: PolicyValidation };
  diffPolicy: {
    params: { fromVersion?: number; toVersion?: number; content?: PolicyContent };
    result: PolicyDiff;
  };
  publishPolicy: {
    params: { version: number; reason: string; revision?: number; expectedActiveVersion?: number };
    result: PolicyVersion;
  };
  rollbackPolicy: {
    params: { version: number; reason: string; expectedActiveVersion?: number };
    result: PolicyVersion;
  };
  listPolicyChanges: { params: { cursor?: string }; result: Page<PolicyChangeRecord> };
  listPolicyTemplates: { params: Record<string, never>; result: { readonly items: readonly PolicyTemplate[] } };
  /** Starts in the background; ask for progress and result by `getSimulation`. */
  simulatePolicy: { params: SimulationInput; result: Simulation };
  getSimulation: { params: { simulationId: string }; result: Simulation };
  listSimulations: { params: { cursor?: string }; result: Page<Simulation> };
  cancelSimulation: { params: { simulationId: string }; result: Simulation };
  /** The decision on one action and why, by the active policy or by the given content. Open to every role. */
  explainAction: {
    params: { action: PolicyAction; content?: PolicyContent; facts?: PolicyFacts };
    result: ExplainedDecision;
  };
  /** Open to every role. */
  getKillSwitch: { params: Record<string, never>; result: KillSwitch };
  setKillSwitch: { params: { active: boolean; reason: string }; result: KillSwitch };
  revoke: { params: RevocationInput; result: Revocation };
  listSigningKeys: { params: Record<string, never>; result: { readonly items: readonly SigningKeyStatus[] } };
}

/** Name of a call over the bridge. */
export type HostCallName = keyof HostCalls;

/** What the host announces; every event is also derivable by a query after a reload. */
export type HostEvent =
  | { readonly type: 'snapshot'; readonly snapshot: HostSnapshot }
  | { readonly type: 'session_event'; readonly sessionId: string; readonly event: SessionEvent };

/** Answer to one call. Errors carry the house's error shape and nothing else. */
export type HostReply<K extends HostCallName = HostCallName> =
  { readonly ok: true; readonly result: HostCalls[K]['result'] } | { readonly ok: false; readonly error: ErrorBody };

/**
 * The one typed bridge between the untrusted renderer and the host. Shells implement it: the preload script in
 * Electron, a WebSocket on loopback in the browser.
 */
export interface HostBridge {
  invoke<K extends HostCallName>(name: K, params: HostCalls[K]['params']): Promise<HostReply<K>>;
  /** Called for every event until the returned function is called. Events of one session arrive in order of seq. */
  subscribe(listener: (event: HostEvent) => void): () => void;
  /** Tells when the connection to the host is lost and when it is back; after `up` reload by query. */
  onConnection(listener: (state: 'up' | 'down') => void): () => void;
}
