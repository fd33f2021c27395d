/** Runs parts of the supply chain report and ends the process with its exit code. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkNode, ensureInstalled } from '../setup.mjs';
import { loadProgram } from './load-program.mjs';

/** @param {readonly ('sbom' | 'licences' | 'audit')[]} parts */
export async function supplyChain(parts) {
  checkNode();
  await ensureInstalled();
  const { runSupplyChain } = await loadProgram('supply-chain/main.ts');
  process.exitCode = await runSupplyChain({
    root: join(dirname(fileURLToPath(import.meta.url)), '..', '..'),
    parts,
    auditRequired: process.argv.includes('--required'),
    print: (line) => console.log(line),
  });
}
