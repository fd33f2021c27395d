export { createApp } from './app.ts';
export type { AppDeps, WorkspaceApp } from './app.ts';
export { readConfig } from './config.ts';
export type { ContentConfig, WorkspaceServiceConfig } from './config.ts';
