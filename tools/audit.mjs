/** `npm run audit`: known vulnerabilities of what ships; `-- --required` fails where the registry offers no audit. */
import { supplyChain } from './ci/supply-chain.mjs';

await supplyChain(['audit']);
