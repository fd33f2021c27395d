import type { ToolsOperations } from '@steward/sdk';
import type { OperationHandlers } from '@steward/service-kit';
import type { GrantCheck } from '../grants/grants.ts';
import type { InvocationService } from './service.ts';

/** Running a tool that the caller's session grants. */
export function createInvocationRoutes(
  service: InvocationService,
  checkGrant: GrantCheck,
): Pick<OperationHandlers<ToolsOperations>, 'invokeTool'> {
  return {
    invokeTool: async ({ path, body, context }) => {
      const { toolName } = path;
      service.assertExists(toolName);
      await checkGrant(context.caller, { toolName, arguments: body.arguments, grant: body.grant }, context.now);
      service.assertKnownAs(toolName, body.digest);
      return { status: 200, body: service.invoke(toolName, body.arguments, context.now) };
    },
  };
}
