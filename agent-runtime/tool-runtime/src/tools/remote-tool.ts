import type { ToolDescriptor } from '@steward/contracts';
import type { Validation } from '@steward/tool-port';
import type { Tool } from './tool.ts';

/** Longest time of one call of a remote tool, in milliseconds. */
export const remoteCallTimeoutMs = 120_000;

/** What a server says of a tool, and how it is called. */
export interface RemoteOffer {
  /** `server/tool`. */
  readonly name: string;
  readonly description: string;
  readonly inputSchema: ToolDescriptor['inputSchema'];
  readonly execute: Tool['execute'];
}

/** A remote tool as the model is offered it. */
export interface OfferedTool {
  readonly descriptor: ToolDescriptor;
  readonly tool: Tool;
  /** Arguments against the schema that the server listed. */
  validate(args: unknown): Validation;
}

/** Every remote tool is taken for one that changes something and can't be undone, whatever its server says of it. */
export async function offerRemoteTool({ name, description, inputSchema, execute }: RemoteOffer): Promise<OfferedTool> {
  const { AjvJsonSchemaValidator } = await import('@modelcontextprotocol/sdk/validation/ajv');
  const check = new AjvJsonSchemaValidator().getValidator<Record<string, unknown>>(inputSchema);
  return {
    descriptor: {
      name,
      capability: 'BackendTool.Invoke',
      description: description.slice(0, 10_000),
      inputSchema,
      sideEffect: true,
      reversible: false,
      timeoutSeconds: remoteCallTimeoutMs / 1000,
    },
    validate: (args) => {
      const verdict = check(args);
      if (verdict.valid) return { ok: true, args: verdict.data };
      const message = `${name} arguments: ${verdict.errorMessage.slice(0, 500)}. Correct them and call again.`;
      return { ok: false, error: { code: 'INVALID_REQUEST', message } };
    },
    tool: {
      name,
      paths: () => [],
      describe: (_, args) =>
        Promise.resolve({
          title: `Call ${name}`,
          summary: `Called ${name}`,
          subject: { kind: 'remote_tool', toolName: name, arguments: args },
          undo: "What a remote tool does can't be undone by Steward.",
          writes: [],
        }),
      execute,
    },
  };
}
