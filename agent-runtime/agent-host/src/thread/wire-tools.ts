import type { ToolDescriptor } from '@steward/contracts';

const separator = '__';

/** Function names of the protocol allow no slash, so `server/tool` travels as `server__tool`. */
export function toWireName(toolName: string): string {
  return toolName.replace('/', separator);
}

/**
 * The tool that a function name stands for. A name that stands for none of them may be of a remote tool that was
 * withdrawn, so that the tools can say why; any other is returned as it is.
 */
export function fromWireName(name: string, tools: readonly ToolDescriptor[]): string {
  return tools.find((tool) => toWireName(tool.name) === name)?.name ?? name.replace(separator, '/');
}

/** The `tools` list of a request as JSON text; empty when there is none. */
export function toWireTools(tools: readonly ToolDescriptor[]): string {
  if (tools.length === 0) return '';
  return JSON.stringify(
    tools.map(({ name, description, inputSchema }) => ({
      type: 'function',
      function: { name: toWireName(name), description, parameters: inputSchema },
    })),
  );
}
