/**
 * What the agent host needs from the world. The composition root hands in implementations; the host names no tool,
 * no service client and no file system of its own.
 */
import type {
  ApprovalSubject,
  ArtifactType,
  McpServer,
  NamedSecret,
  PatchFile,
  PolicyFacts,
  Revocation,
  RevertFileResult,
  SandboxState,
  SessionHandshake,
  SessionHolder,
  SessionHistory,
  ToolDescriptor,
  ToolError,
  ToolRequest,
  ToolResult,
} from '@steward/contracts';
import type { FoundSecret } from '@steward/secrets';

/** Timers as a dependency, so that tests decide when time passes. */
export interface Scheduler {
  /** Runs `action` once after `ms` milliseconds unless the returned function is called first. */
  after(ms: number, action: () => void): () => void;
}

/** One line of the log; never holds tokens, prompts or file contents. */
export interface Log {
  (level: 'debug' | 'info' | 'warn' | 'error', message: string, facts?: Record<string, unknown>): void;
}

/** What a call is about, in words and structured, computed without side effects. */
export interface ToolDescription {
  /** Verb in the past and object: `Edited src/client.ts`. */
  readonly summary: string;
  /** The same as a request: `Edit src/client.ts`. */
  readonly title: string;
  readonly subject: ApprovalSubject;
  /** What could be undone and what could not. */
  readonly undo: string;
  /** Real paths that the call writes; `*` when it may write anywhere. */
  readonly writes: readonly string[];
}

/** What is known of an effect before it happens; plain JSON, written down before the call runs. */
export interface EffectIntent {
  readonly toolCallId: string;
  readonly taskId: string;
  readonly toolName: string;
  readonly target?: string;
}

/** One file on its way back to what it held at a checkpoint; plain JSON. What it means is the tool runtime's to say. */
export interface FileReturn {
  readonly path: string;
  readonly action: 'restore' | 'recreate' | 'remove';
  readonly state: 'ready' | 'already' | 'changed_since' | 'content_gone';
}

/** How an effect ended, as far as it can be told. */
export type EffectOutcome = 'done' | 'not_done' | 'unknown';

/** What the policy allows at the moment of the effect; asked again on every opened file and connected socket. */
export interface ToolWalls {
  checkPath(capability: 'File.Read' | 'File.Write' | 'File.Delete', realPath: string): boolean;
  allowAddress(host: string, port: number, ip: string): boolean;
  checkUrl?(url: string): boolean;
  readonly readRoots: readonly string[];
  readonly writeRoots: readonly string[];
  readonly network: boolean;
  readonly maxFileSizeBytes?: number;
  readonly maxOutputBytes?: number;
}

/** A tool of the Backend Tool Service as it describes it; the digest covers every word of the definition. */
export interface BackendToolDefinition {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: Record<string, unknown>;
  readonly digest: string;
}

/** How a call of a backend tool ended. */
export interface BackendToolResult {
  readonly status: 'succeeded' | 'failed';
  readonly outputText: string;
  readonly error?: ToolError;
}

/** One call of a backend tool with what it is granted by. */
export interface BackendToolCall {
  readonly toolName: string;
  readonly arguments: Record<string, unknown>;
  /** The session's bundle and the sealed chain of links that leaves this call and no other. */
  readonly grant: string;
  /** The definition that the caller knows. */
  readonly digest: string;
}

/** The Backend Tool Service, as far as tools call it. */
export interface BackendTools {
  list(): Promise<readonly BackendToolDefinition[]>;
  /** Rejects with the refusal of the service, or when it can't be reached. */
  invoke(call: BackendToolCall, signal: AbortSignal): Promise<BackendToolResult>;
}

/** How one call runs. */
export interface ToolExecution {
  /** Aborted when the task is cancelled: start nothing new, finish what runs. */
  readonly signal: AbortSignal;
  /** Aborted on a forced cancel: kill the process tree. */
  readonly force: AbortSignal;
  onOutput(text: string): void;
  /** What has to be taken out of everything that the tool shows or keeps, as ranges of the text. */
  findSecrets?(text: string): FoundSecret[];
  readonly walls: ToolWalls;
  readonly intent?: EffectIntent;
  /** The task's grant narrowed to one backend tool until then, to be handed to the service that runs it. */
  handOn?(toolName: string, validMs: number): string;
}

/** The outcome of one call; `diff` is the unified diff of what it changed. */
export type ToolOutcome = ToolResult & { diff?: string };

/** The tool runtime as the host sees it. Its only caller is the tool gate. */
export interface ToolRouter {
  list(): readonly ToolDescriptor[];
  validate(
    toolName: string,
    args: unknown,
  ): { readonly ok: true; readonly args: Record<string, unknown> } | { readonly ok: false; readonly error: ToolError };
  facts(toolName: string, args: Record<string, unknown>): Promise<PolicyFacts>;
  describe(toolName: string, args: Record<string, unknown>): Promise<ToolDescription>;
  prepare(request: ToolRequest): Promise<EffectIntent>;
  execute(request: ToolRequest, execution: ToolExecution): Promise<ToolOutcome>;
  reconcile(intent: EffectIntent): Promise<EffectOutcome>;
  /** Files that tasks changed. Rebuilt after a restart by replaying `record` and `accept`. */
  readonly patch: {
    record(taskId: string, intent: EffectIntent, outcome: EffectOutcome): void;
    preview(taskId: string): Promise<PatchFile[]>;
    revert(taskId: string, path?: string, force?: boolean): Promise<RevertFileResult>;
    accept(taskId: string): void;
    /** How files return to what they held before the first of these effects; `rest` are effects on no file. */
    planReturn(effects: readonly EffectIntent[]): Promise<{
      readonly returns: readonly FileReturn[];
      readonly rest: readonly EffectIntent[];
    }>;
    /** Lets one file return; says why it did not. Safe to repeat. */
    giveBack(file: FileReturn, force: boolean): Promise<string | undefined>;
    /** Forgets every change, before what is left is recorded again. */
    forget(): void;
  };
  /** Which walls of the operating system commands run in; tried out on first use, never rejects. */
  sandboxState(): Promise<SandboxState>;
  /** Takes over what the person decided about the project folder; not trusted until then. */
  trustFolder(trusted: boolean): void;
  /** Connects to servers of the bundle, whose pinned tools are listed afterwards; tells what is not offered and why. */
  connectRemoteTools(servers: readonly McpServer[], walls: ToolWalls): Promise<readonly RemoteToolProblem[]>;
  /** Lists the tools of the Backend Tool Service that are granted; nothing where there is no such service. */
  connectBackendTools(isGranted: (toolName: string) => boolean): Promise<readonly RemoteToolProblem[]>;
  dispose(): Promise<void>;
}

/** Why a remote tool, or a whole server, is not offered. */
export interface RemoteToolProblem {
  readonly server: string;
  readonly toolName?: string;
  readonly reason: string;
}

/** Content that a tool keeps for the conversation. */
export interface ArtifactInput {
  readonly artifactType: ArtifactType;
  readonly name: string;
  readonly contentType: string;
  readonly source:
    | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
    | { readonly kind: 'file'; readonly path: string; readonly sizeBytes: number };
  readonly sessionId: string;
  readonly taskId: string;
  readonly stepId: string;
  readonly toolCallId: string;
}

/** What the host tells to get the tool runtime of one session. */
export interface OpenToolsOptions {
  readonly projectDir?: string;
  /** Private to the session: pre-images and outputs. The host removes it when the session ends. */
  readonly stateDir: string;
  /** The secrets that tools may use by name, as they are now. */
  namedSecrets(): readonly NamedSecret[];
  /** Absent: no backend tools are offered. */
  readonly backendTools?: BackendTools;
  uploadArtifact(input: ArtifactInput): Promise<{ artifactId: string; uri: string }>;
}

/** Makes the tool runtime of a session; called once the first tool or tool list is needed. */
export type OpenTools = (options: OpenToolsOptions) => Promise<ToolRouter>;

/** One tool call as the model wrote it. */
export interface ModelToolCall {
  readonly id: string;
  readonly name: string;
  readonly argumentsText: string;
}

/** A complete answer of the model. */
export interface ModelAnswer {
  readonly text: string;
  readonly toolCalls: readonly ModelToolCall[];
  readonly finishReason: string;
  readonly usage?: { readonly inputTokens: number; readonly outputTokens: number };
}

/** The model behind the gateway. */
export interface Model {
  /**
   * Sends one request and resolves with the whole answer; a partial answer is never resolved.
   * Rejects with ModelError, or with the signal's reason when aborted.
   * @param body the JSON body in pieces, sent as they are
   */
  stream(
    body: readonly Uint8Array[],
    options: { signal: AbortSignal; onText: (text: string) => void },
  ): Promise<ModelAnswer>;
  /** Names of the models that the gateway offers. */
  listModels(signal?: AbortSignal): Promise<readonly string[]>;
  /** Opens a connection ahead of the first request; failures are left to that request. */
  warmUp?(): void;
  close(): void;
}

/** A request that must reach a service some day; kept in the journal until it did. */
export interface OutboxRequest {
  readonly service: 'session' | 'workspace' | 'approval';
  readonly method: 'POST' | 'PATCH' | 'PUT';
  readonly path: string;
  readonly body?: unknown;
}

/** What the Approval Service says of a request. */
export interface RemoteApproval {
  readonly status: 'pending' | 'held' | 'approved' | 'denied' | 'timeout' | 'cancelled';
  readonly actionDigest: string;
  readonly decidedBy?: string;
  readonly reason?: string;
}

/** One operational signal: numbers and fixed words only. */
export interface TelemetrySignal {
  readonly name: string;
  readonly timestamp: string;
  readonly component: 'LocalAgentHost';
  readonly sessionId: string;
  readonly attributes: Readonly<Record<string, number | string>>;
}

/** The backend services, as far as the runtime calls them. All reject with StewardError. */
export interface Backend {
  setAccessToken(token: string): void;
  /** Opens the connection to the Session Service ahead of the handshake. */
  warmUp(): void;
  createSession(params: unknown, idempotencyKey: string): Promise<SessionHandshake>;
  resumeSession(sessionId: string, body: unknown, idempotencyKey: string): Promise<SessionHandshake>;
  /** Renews the lease on a session, or gives it up; rejects with LEASE_LOST while another runtime holds it. */
  renewLease(sessionId: string, holder: SessionHolder): Promise<void>;
  /** The saved thread of an earlier session; undefined when there is none. */
  fetchHistory(workspaceId: string, sessionId: string): Promise<SessionHistory | undefined>;
  fetchJwks(): Promise<{ keys: readonly Record<string, unknown>[] }>;
  /** Stores an artifact; content comes as bytes or from a file. Safe to repeat with the same `artifactId`. */
  uploadArtifact(
    workspaceId: string,
    artifact: Record<string, unknown>,
    source: ArtifactInput['source'],
  ): Promise<void>;
  send(request: OutboxRequest, idempotencyKey: string): Promise<void>;
  appendAuditEvents(events: readonly unknown[]): Promise<void>;
  /** Signals without content; best effort, does nothing where there is no Telemetry Service. */
  sendTelemetry(signals: readonly TelemetrySignal[]): Promise<void>;
  /** The tools of the Backend Tool Service; undefined where this runtime has none. */
  readonly tools?: BackendTools;
  fetchApproval(approvalId: string): Promise<RemoteApproval | undefined>;
  /**
   * Follows the tenant's revocations from a number on. Resolves when the service ends the stream, rejects when it can't
   * be reached, is silent for too long, or the signal aborts. `onSign` tells of every sign of life.
   */
  followRevocations(
    fromSeq: number,
    handlers: { onSign(): void; onEntry(entry: Revocation): void },
    signal: AbortSignal,
  ): Promise<void>;
  /** The same entries as a page. */
  listRevocations(fromSeq: number): Promise<{ items: readonly Revocation[]; lastSeq: number }>;
  close(): void;
}
