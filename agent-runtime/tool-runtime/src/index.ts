export { createToolRuntime } from './runtime.ts';
export { defaultLimits } from './limits.ts';
export type { Limits } from './limits.ts';
export type { EgressDeps, ToolRuntimeDeps } from './ports.ts';
export { digestOfDefinition } from './mcp/definition.ts';
export type { RemoteDefinition } from './mcp/definition.ts';
