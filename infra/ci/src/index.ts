export { runSupplyChain } from './supply-chain/main.ts';
export type { SupplyChainOptions } from './supply-chain/main.ts';
