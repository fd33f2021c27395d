export { createApp } from './app.ts';
export type { AppDeps } from './app.ts';
export { startWebShell } from './start-web-shell.ts';
export type { WebShell, WebShellDeps } from './start-web-shell.ts';
