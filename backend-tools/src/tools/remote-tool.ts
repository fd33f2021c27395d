import { digestOf } from '@steward/sdk';
import type { ToolsComponents } from '@steward/sdk';

/** A tool as callers see it. */
export type RemoteToolDescription = ToolsComponents['schemas']['RemoteTool'];

/** A tool that runs here: pure, so calling it twice or anywhere gives the same answer. */
export interface RemoteTool {
  /** `family.verb`. */
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments; refuses unknown ones and bounds every size. */
  readonly inputSchema: object;
  /** Answers text. Gets arguments that satisfy the schema; throws StewardError TOOL_EXECUTION_FAILED when it can't. */
  run(args: Readonly<Record<string, unknown>>, context: { readonly now: Date }): string;
}

/** What callers see. The digest changes with every word of the definition, so that a caller can pin it. */
export function describe(tool: RemoteTool): RemoteToolDescription {
  const definition = { name: tool.name, description: tool.description, inputSchema: { ...tool.inputSchema } };
  return { ...definition, digest: digestOf(definition) };
}
