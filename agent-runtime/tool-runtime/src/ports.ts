import type {
  ApprovalSubject,
  ArtifactType,
  McpServer,
  NamedSecret,
  PatchFile,
  PolicyFacts,
  RevertFileResult,
  ToolDescriptor,
  ToolError,
  ToolRequest,
  ToolResult,
} from '@steward/contracts';
import type { FoundSecret } from '@steward/secrets';
import type { Clock } from '@steward/sdk';
import type { Limits } from './limits.ts';
import type { RemoteToolProblem } from './mcp/definition.ts';

/** What the policy allows at the moment of the effect; asked again on every open file and connected socket. */
export interface ToolWalls {
  /** Whether the policy lets the capability touch this real path. */
  checkPath(capability: 'File.Read' | 'File.Write' | 'File.Delete', realPath: string): boolean;
  /** Whether a connection to this host may reach this resolved address. */
  allowAddress(host: string, port: number, ip: string): boolean;
  /** Judges a whole URL again after a redirect; without it the address check is the only one. */
  checkUrl?(url: string): boolean;
  /** Folders that stay readable inside the OS sandbox although they lie under something hidden. */
  readonly readRoots: readonly string[];
  /** Folders that commands may write to. */
  readonly writeRoots: readonly string[];
  /** Whether commands get a network at all. */
  readonly network: boolean;
  /** Largest file that may be read or written. */
  readonly maxFileSizeBytes?: number;
  /** Most output that goes back to the model. */
  readonly maxOutputBytes?: number;
}

/** A content hash, or the word for a file that does not exist. */
export type ContentHash = `sha256:${string}` | 'absent';

/** What is known of an effect before it happens; goes into the journal, so plain JSON only. */
export interface EffectIntent {
  readonly toolCallId: string;
  readonly taskId: string;
  readonly toolName: string;
  /** Real path of the file that will change. */
  readonly target?: string;
  readonly preImageHash?: ContentHash;
  /** What the file will hold afterwards; absent when it can't be known. */
  readonly expectedHash?: ContentHash;
  /** Permission bits of the file before. */
  readonly mode?: number;
}

/** One file on its way back to what it held at a checkpoint; plain JSON that its owner may keep. */
export interface FileReturn {
  /** As shown to a person. */
  readonly path: string;
  readonly target: string;
  readonly action: 'restore' | 'recreate' | 'remove';
  readonly state: 'ready' | 'already' | 'changed_since' | 'content_gone';
  readonly to: ContentHash;
  /** What the last of our changes left; absent when it can't be known. */
  readonly from?: ContentHash;
  readonly mode?: number;
}

/** How an effect ended, as far as it can be told. */
export type EffectOutcome = 'done' | 'not_done' | 'unknown';

/** Something to keep outside the conversation. The uploader copies it; files stay the runtime's. */
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

/** Where an artifact went. */
export interface ArtifactRef {
  readonly artifactId: string;
  readonly uri: string;
}

/** How commands are walled in on this machine. */
export interface SandboxState {
  readonly kind: 'bubblewrap' | 'seatbelt' | 'none';
  /** Why there is none, in words. */
  readonly reason?: string;
}

/** Name resolution as a dependency of the egress module; every address of the host. */
export interface EgressDeps {
  resolve?(host: string): Promise<readonly { readonly address: string; readonly family: 4 | 6 }[]>;
  /** Extra certificate authorities in PEM, for servers of the organisation. */
  readonly ca?: string;
}

/** A tool of the Backend Tool Service as it describes it; the digest covers every word of the definition. */
export interface BackendToolDefinition {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: Record<string, unknown>;
  readonly digest: string;
}

/** The Backend Tool Service: what it has, and calls that carry what they are granted by. */
export interface BackendTools {
  list(): Promise<readonly BackendToolDefinition[]>;
  /** Rejects with the refusal of the service, or when it can't be reached. */
  invoke(
    call: {
      readonly toolName: string;
      readonly arguments: Record<string, unknown>;
      readonly grant: string;
      readonly digest: string;
    },
    signal: AbortSignal,
  ): Promise<{ readonly status: 'succeeded' | 'failed'; readonly outputText: string }>;
}

/** Everything the tool runtime needs from outside. */
export interface ToolRuntimeDeps {
  /** The project folder; without it relative paths are refused. */
  readonly projectDir?: string;
  /** Private to the session: pre-images and outputs. Removed by nobody here; its owner removes it when the session ends. */
  readonly stateDir: string;
  readonly homeDir: string;
  readonly platform: NodeJS.Platform;
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  readonly limits?: Partial<Limits>;
  uploadArtifact(input: ArtifactInput): Promise<ArtifactRef>;
  readonly sandbox?: 'auto' | 'off';
  /** A person said that programs may obey what the repository configures; absent is no. `trustFolder` changes it. */
  readonly folderTrusted?: boolean;
  /** The secrets that tools may use by name, as they are now. */
  namedSecrets?(): readonly NamedSecret[];
  /** Folders that commands never see, such as the home of Steward itself. */
  readonly hiddenPaths?: readonly string[];
  readonly egress?: EgressDeps;
  /** Absent: no backend tools are offered. */
  readonly backendTools?: BackendTools;
}

/** The action in words and structure, for the person who decides. */
export interface ActionDescription {
  /** Verb in the past and object: `Edited src/client.ts`. */
  readonly summary: string;
  /** The same as a request: `Edit src/client.ts`. */
  readonly title: string;
  readonly subject: ApprovalSubject;
  /** What could be undone and what could not. */
  readonly undo: string;
  /** Real paths that the action writes, for ordering; `*` when it may write anywhere. */
  readonly writes: readonly string[];
}

/** Arguments that satisfy the tool's schema, or what is wrong with them. */
export type Validation =
  { readonly ok: true; readonly args: Record<string, unknown> } | { readonly ok: false; readonly error: ToolError };

/** How one call is run. */
export interface ExecuteOptions {
  /** Asks the tool to stop between operations; a running command is left to finish. */
  readonly signal: AbortSignal;
  /** Kills the tool's whole process tree, or closes its connection. */
  readonly force: AbortSignal;
  /** Output as it comes, UTF-8, bounded. */
  onOutput(text: string): void;
  readonly walls: ToolWalls;
  /** What has to be taken out of everything that the tool shows or keeps. */
  findSecrets?(text: string): FoundSecret[];
  /** What `prepare` found; the tool refuses with CONFLICT when the file changed since. */
  readonly intent?: EffectIntent;
  /** The task's grant narrowed to one backend tool for so long, to be handed to the service that runs it. */
  handOn?(toolName: string, validMs: number): string;
}

/** A result with the change it made. */
export type ToolOutcome = ToolResult & { diff?: string };

/** The runtime as its caller sees it. Nothing here decides: the caller asks the policy first, always. */
export interface ToolRuntime {
  list(): readonly ToolDescriptor[];
  validate(toolName: string, args: unknown): Validation;
  facts(toolName: string, args: Record<string, unknown>): Promise<PolicyFacts>;
  describe(toolName: string, args: Record<string, unknown>): Promise<ActionDescription>;
  prepare(request: ToolRequest): Promise<EffectIntent>;
  execute(request: ToolRequest, options: ExecuteOptions): Promise<ToolOutcome>;
  reconcile(intent: EffectIntent): Promise<EffectOutcome>;
  readonly patch: PatchTracker;
  sandboxState(): Promise<SandboxState>;
  /** Takes over what the person decided about the project folder; holds from the next call on. */
  trustFolder(trusted: boolean): void;
  /** Connects to the servers of the bundle, which are listed afterwards; tells what is not offered and why. */
  connectRemoteTools(servers: readonly McpServer[], walls: ToolWalls): Promise<readonly RemoteToolProblem[]>;
  /** Lists the tools of the Backend Tool Service that are granted; nothing where there is no such service. */
  connectBackendTools(isGranted: (toolName: string) => boolean): Promise<readonly RemoteToolProblem[]>;
  dispose(): Promise<void>;
}

/** Files that tasks changed, against what they held before the task. Rebuilt by replaying `record`. */
export interface PatchTracker {
  record(taskId: string, intent: EffectIntent, outcome: EffectOutcome): void;
  /** Sorted by path. */
  preview(taskId: string): Promise<PatchFile[]>;
  revert(taskId: string, path?: string, force?: boolean): Promise<RevertFileResult>;
  accept(taskId: string): void;
  /** How files return to what they held before the first of these effects; `rest` are effects on no file. */
  planReturn(
    effects: readonly EffectIntent[],
  ): Promise<{ readonly returns: FileReturn[]; readonly rest: EffectIntent[] }>;
  /** Lets one file return; says why it did not. Safe to repeat; a file that was changed by someone else only by force. */
  giveBack(file: FileReturn, force: boolean): Promise<string | undefined>;
  /** Forgets every change, before what is left is recorded again. */
  forget(): void;
}
