export { createToolRuntime } from './runtime.ts';
export { defaultLimits } from './limits.ts';
export type { Limits } from './limits.ts';
export type {
  ActionDescription,
  ArtifactInput,
  ArtifactRef,
  BackendTools,
  ContentHash,
  EffectIntent,
  EffectOutcome,
  EgressDeps,
  ExecuteOptions,
  PatchTracker,
  SandboxState,
  ToolOutcome,
  ToolRuntime,
  ToolRuntimeDeps,
  ToolWalls,
  Validation,
} from './ports.ts';
export { digestOfDefinition } from './mcp/definition.ts';
export type { RemoteDefinition, RemoteToolProblem } from './mcp/definition.ts';
