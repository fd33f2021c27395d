export { createApp } from './app.ts';
export type { TelemetryAppDeps } from './app.ts';
