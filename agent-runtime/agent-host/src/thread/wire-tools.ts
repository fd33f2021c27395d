import type { ToolDescriptor } from '@steward/contracts';

const separator = '__';

const longestName = 64;

/** Function names of the protocol are 64 letters, digits, `_` and `-`, so `server/a.tool` travels as `server__a-tool`. */
export function toWireName(toolName: string): string {
  return toolName
    .replace('/', separator)
    .replaceAll(/[^A-Za-z0-9_-]/g, '-')
    .slice(0, longestName);
}

/**
 * The tool that a function name stands for. A name that stands for none of them may be of a remote tool that was
 * withdrawn, so that the tools can say why; any other is returned as it is.
 */
export function fromWireName(name: string, tools: readonly ToolDescriptor[]): string {
  return tools.find((tool) => toWireName(tool.name) === name)?.name ?? name.replace(separator, '/');
}

/** The `tools` list of a request as JSON text; empty when there is none. Of two with one wire name the first is named. */
export function toWireTools(tools: readonly ToolDescriptor[]): string {
  if (tools.length === 0) return '';
  const named = tools.filter((tool) => fromWireName(toWireName(tool.name), tools) === tool.name);
  return JSON.stringify(
    named.map(({ name, description, inputSchema }) => ({
      type: 'function',
      function: { name: toWireName(name), description, parameters: inputSchema },
    })),
  );
}
