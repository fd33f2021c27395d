/** `npm run supply-chain`: bill of materials, licences and audit in one run, ending with `N passed, N failed`. */
import { supplyChain } from './ci/supply-chain.mjs';

await supplyChain(['sbom', 'licences', 'audit']);
