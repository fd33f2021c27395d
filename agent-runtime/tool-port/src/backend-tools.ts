import type { ToolError } from '@steward/contracts';

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
