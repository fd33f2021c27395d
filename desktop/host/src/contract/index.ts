export type * from './bridge.ts';
