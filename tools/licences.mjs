/** `npm run licences`: licences of what ships, against the allow-list, and the third-party notices. */
import { supplyChain } from './ci/supply-chain.mjs';

await supplyChain(['licences']);
