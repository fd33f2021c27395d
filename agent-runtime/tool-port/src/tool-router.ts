import type {
  ApprovalSubject,
  McpServer,
  PolicyFacts,
  SandboxState,
  ToolDescriptor,
  ToolError,
  ToolRequest,
  ToolResult,
} from '@steward/contracts';
import type { FoundSecret } from '@steward/secrets';
import type { EffectIntent, EffectOutcome, PatchTracker } from './effects.ts';
import type { ToolWalls } from './walls.ts';

/** What a call is about, in words and structured, computed without side effects. */
export interface ToolDescription {
  /** Verb in the past and object: `Edited src/client.ts`. */
  readonly summary: string;
  /** The same as a request: `Edit src/client.ts`. */
  readonly title: string;
  readonly subject: ApprovalSubject;
  /** What could be undone and what could not. */
  readonly undo: string;
  /** Real paths that the call writes, for ordering; `*` when it may write anywhere. */
  readonly writes: readonly string[];
}

/** Arguments that satisfy the tool's schema, or what is wrong with them. */
export type Validation =
  { readonly ok: true; readonly args: Record<string, unknown> } | { readonly ok: false; readonly error: ToolError };

/** How one call is run. */
export interface ToolExecution {
  /** Aborted when the task is cancelled: start nothing new; a running command is left to finish. */
  readonly signal: AbortSignal;
  /** Aborted on a forced cancel: kill the tool's whole process tree, or close its connection. */
  readonly force: AbortSignal;
  /** Output as it comes, UTF-8, bounded. */
  onOutput(text: string): void;
  /** What has to be taken out of everything that the tool shows or keeps, as ranges of the text. */
  findSecrets?(text: string): FoundSecret[];
  readonly walls: ToolWalls;
  /** What `prepare` found; the tool refuses with CONFLICT when the file changed since. */
  readonly intent?: EffectIntent;
  /** The task's grant narrowed to one backend tool for so long, to be handed to the service that runs it. */
  handOn?(toolName: string, validMs: number): string;
}

/** The outcome of one call; `diff` is the unified diff of what it changed. */
export type ToolOutcome = ToolResult & { diff?: string };

/** Why a remote tool, or a whole server, is not offered. */
export interface RemoteToolProblem {
  readonly server: string;
  readonly toolName?: string;
  readonly reason: string;
  /** Digest of the definition that the server gives now, for an admin who wants to pin it. */
  readonly digest?: string;
}

/** The tools of one session. Nothing here decides: its only caller is the tool gate, which asks the policy first. */
export interface ToolRouter {
  list(): readonly ToolDescriptor[];
  validate(toolName: string, args: unknown): Validation;
  facts(toolName: string, args: Record<string, unknown>): Promise<PolicyFacts>;
  describe(toolName: string, args: Record<string, unknown>): Promise<ToolDescription>;
  prepare(request: ToolRequest): Promise<EffectIntent>;
  execute(request: ToolRequest, execution: ToolExecution): Promise<ToolOutcome>;
  reconcile(intent: EffectIntent): Promise<EffectOutcome>;
  readonly patch: PatchTracker;
  /** Which walls of the operating system commands run in; tried out on first use, never rejects. */
  sandboxState(): Promise<SandboxState>;
  /** Takes over what the person decided about the project folder; not trusted until then, holds from the next call on. */
  trustFolder(trusted: boolean): void;
  /** Connects to servers of the bundle, whose pinned tools are listed afterwards; tells what is not offered and why. */
  connectRemoteTools(servers: readonly McpServer[], walls: ToolWalls): Promise<readonly RemoteToolProblem[]>;
  /** Lists the tools of the Backend Tool Service that are granted; nothing where there is no such service. */
  connectBackendTools(isGranted: (toolName: string) => boolean): Promise<readonly RemoteToolProblem[]>;
  dispose(): Promise<void>;
}
