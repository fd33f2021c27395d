export { readConfig, toolEnvironment } from './config.ts';
export type { RuntimeConfig } from './config.ts';
