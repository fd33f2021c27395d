import type { ToolsOperations } from '@steward/sdk';
import type { OperationHandlers } from '@steward/service-kit';
import type { ToolRegistry } from './registry.ts';
import { describe } from './remote-tool.ts';

/** The list of tools. */
export function createToolRoutes(registry: ToolRegistry): Pick<OperationHandlers<ToolsOperations>, 'listTools'> {
  const items = registry.all().map(describe);
  return { listTools: () => ({ status: 200, body: { items } }) };
}
