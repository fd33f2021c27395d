export { createApp } from './app.ts';
export type { AppDeps } from './app.ts';
export { findBreak, noEventBefore, seal } from './events/chain.ts';
