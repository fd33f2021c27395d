export { createApp } from './app.ts';
export type { ToolsAppDeps } from './app.ts';
