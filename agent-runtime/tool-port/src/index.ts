export type { BackendToolCall, BackendToolDefinition, BackendToolResult, BackendTools } from './backend-tools.ts';
export type { ContentHash, EffectIntent, EffectOutcome, FileReturn, PatchTracker } from './effects.ts';
export type { ArtifactInput, ArtifactRef, OpenTools, OpenToolsOptions } from './open-tools.ts';
export type {
  RemoteToolProblem,
  ToolDescription,
  ToolExecution,
  ToolOutcome,
  ToolRouter,
  Validation,
} from './tool-router.ts';
export type { ToolWalls } from './walls.ts';
