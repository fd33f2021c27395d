import { StewardError } from '@steward/sdk';
import type { RemoteTool } from './remote-tool.ts';
import { jsonFormat } from './json-format.ts';
import { textCount } from './text-count.ts';
import { textDiff } from './text-diff.ts';
import { timeNow } from './time-now.ts';

/** The tools of this service, by name. */
export class ToolRegistry {
  readonly #tools: ReadonlyMap<string, RemoteTool>;

  constructor(tools: readonly RemoteTool[] = [jsonFormat, textCount, textDiff, timeNow]) {
    this.#tools = new Map(tools.map((tool) => [tool.name, tool]));
  }

  /** Sorted by name. */
  all(): RemoteTool[] {
    return [...this.#tools.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Throws TOOL_NOT_FOUND. */
  get(name: string): RemoteTool {
    const tool = this.#tools.get(name);
    if (tool !== undefined) return tool;
    throw new StewardError('TOOL_NOT_FOUND', `There is no tool ${name}; GET /tools lists what there is.`);
  }
}
