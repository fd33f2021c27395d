/** `npm run sbom`: the bill of materials of what ships. */
import { supplyChain } from './ci/supply-chain.mjs';

await supplyChain(['sbom']);
