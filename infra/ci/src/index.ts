export { runSupplyChain } from './supply-chain/main.ts';
export type { SupplyChainOptions } from './supply-chain/main.ts';
export { runFuzz } from './fuzz/main.ts';
export type { FuzzDeps } from './fuzz/main.ts';
export { runLoad } from './load/main.ts';
export type { LoadDeps } from './load/main.ts';
