export { reduceSessionEvent } from './state/reduce-session-event.ts';
export { emptyThread } from './state/thread.ts';
export type { ThreadItem, ThreadState } from './state/thread.ts';
