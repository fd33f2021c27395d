import { toolsOpenApi } from '@steward/contracts/openapi';
import type { ToolsOperations } from '@steward/sdk';
import { SchemaCompiler, createService } from '@steward/service-kit';
import type { ProcessOptions, Service, ServiceOptions } from '@steward/service-kit';
import type { GrantCheck } from './grants/grants.ts';
import { createInvocationRoutes } from './invocations/routes.ts';
import { InvocationService } from './invocations/service.ts';
import { ToolRegistry } from './tools/registry.ts';
import { createToolRoutes } from './tools/routes.ts';

/** What the Backend Tool Service runs on. */
export interface ToolsAppDeps extends Pick<
  ServiceOptions<ToolsOperations>,
  'authenticate' | keyof ProcessOptions | 'logger' | 'clock' | 'newId'
> {
  readonly checkGrant: GrantCheck;
  /** The built-in tools unless given. */
  readonly registry?: ToolRegistry;
}

/** Builds the Backend Tool Service without listening. */
export function createApp(deps: ToolsAppDeps): Service {
  const { registry = new ToolRegistry(), checkGrant, ...service } = deps;
  const schemas = new SchemaCompiler(toolsOpenApi, false);
  const invocations = new InvocationService({ registry, compile: (schema) => schemas.compile(schema) });
  return createService<ToolsOperations>({
    ...service,
    name: 'tools',
    openApi: toolsOpenApi,
    handlers: { ...createToolRoutes(registry), ...createInvocationRoutes(invocations, checkGrant) },
  });
}
