import type { ApprovalSubject, ToolRequest } from '@steward/contracts';
import type {
  ArtifactInput,
  ArtifactRef,
  EffectIntent,
  ToolDescription,
  ToolExecution,
  ToolOutcome,
} from '@steward/tool-port';
import type { ContentStore } from '../files/content-store.ts';
import type { Egress } from '../egress/open-request.ts';
import type { Limits } from '../limits.ts';
import type { ToolRuntimeDeps } from '../ports.ts';
import type { CommandRunner } from '../platform/run-process.ts';

/** What every tool may use. */
export interface ToolContext {
  readonly deps: ToolRuntimeDeps;
  readonly limits: Limits;
  /** The project folder as the kernel names it; absent in a general chat. */
  readonly projectDir?: string;
  /** What the person decided about the project folder, as it is now. */
  readonly trust: { readonly folderTrusted: boolean };
  readonly store: ContentStore;
  readonly runner: CommandRunner;
  /** The one way out of this session. */
  readonly egress: Egress;
}

/** What a tool hands back; the runtime adds ids, duration and bounds. */
export type ToolOutput = Pick<
  ToolOutcome,
  'outputText' | 'artifactUris' | 'exitCode' | 'provenance' | 'diff' | 'error'
>;

/** One call with everything that belongs to it. */
export interface ToolCall {
  readonly request: ToolRequest;
  readonly args: Record<string, unknown>;
  readonly options: ToolExecution;
  /** Most bytes of text that go back to the model. */
  readonly maxOutputBytes: number;
  /** Largest file that may be read or written. */
  readonly maxFileBytes: number;
  /** Keeps content as an artifact; undefined when it could not be kept, which fails no tool. */
  keep(
    input: Pick<ArtifactInput, 'artifactType' | 'name' | 'contentType' | 'source'>,
  ): Promise<ArtifactRef | undefined>;
}

/** A built-in tool: describes itself, prepares its effect, does it. */
export interface Tool {
  readonly name: string;
  describe(context: ToolContext, args: Record<string, unknown>): Promise<ToolDescription>;
  /** Paths that the action names, as written. */
  paths(args: Record<string, unknown>): readonly string[];
  /** Pre-image and expected content of a file; tools without a target leave it out. */
  prepare?(
    context: ToolContext,
    args: Record<string, unknown>,
  ): Promise<Pick<EffectIntent, 'target' | 'preImageHash' | 'expectedHash' | 'mode'>>;
  execute(context: ToolContext, call: ToolCall): Promise<ToolOutput>;
}

/** The texts that a read tool shows; reads have nothing to undo. */
export function readDescription(
  kind: ApprovalSubject['kind'],
  title: string,
  summary: string,
  subject: Omit<ApprovalSubject, 'kind'>,
): ToolDescription {
  return { title, summary, subject: { kind, ...subject }, undo: 'Reading changes nothing.', writes: [] };
}

/** An argument that the schema promises to be text. */
export function textArg(args: Record<string, unknown>, name: string): string {
  return String(args[name]);
}

/** An optional text argument. */
export function optionalText(args: Record<string, unknown>, name: string): string | undefined {
  const value = args[name];
  return typeof value === 'string' ? value : undefined;
}

/** The texts of an argument that the schema promises to be an object of them; none when it is left out. */
export function textsOf(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
