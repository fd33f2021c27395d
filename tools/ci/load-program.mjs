/** Bundles a TypeScript program of `infra/ci` with packages left out, and imports it. */
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { writeOutputs } from '../write-outputs.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/**
 * The exports of `infra/ci/src/<entry>`.
 * @param {string} entry
 */
export async function loadProgram(entry) {
  const { build } = await import('esbuild');
  const outfile = join(root, 'infra/ci/dist', entry.replace(/\//g, '-').replace(/\.ts$/, '.mjs'));
  const { outputFiles } = await build({
    write: false,
    absWorkingDir: root,
    entryPoints: [join('infra/ci/src', entry)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    // Found at run time, from infra/ci as the sources find them; packages of this repository are TypeScript.
    plugins: [{ name: 'packages', setup: (bundle) => bundle.onResolve({ filter: /^[^./]/ }, leaveOut) }],
    logLevel: 'warning',
  });
  writeOutputs(outputFiles);
  return import(pathToFileURL(outfile).href);
}

function leaveOut({ path, kind }) {
  return kind === 'entry-point' || path.startsWith('@steward/') ? undefined : { path, external: true };
}
