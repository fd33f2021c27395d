import type { ToolsOperations } from '@steward/sdk';
import type { OperationHandlers } from '@steward/service-kit';
import type { InvocationService } from './service.ts';

/** Running a tool. */
export function createInvocationRoutes(
  service: InvocationService,
): Pick<OperationHandlers<ToolsOperations>, 'invokeTool'> {
  return {
    invokeTool: ({ path, body, context }) => ({
      status: 200,
      body: service.invoke(path.toolName, body.arguments, context.now),
    }),
  };
}
