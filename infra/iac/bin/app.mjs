/** The program that `cdk` runs: bundles the stacks' sources, which Node can't read as they are, and starts the bundle. */
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { writeOutputs } from '../../../tools/write-outputs.mjs';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..');
const outfile = join(folder, '..', '..', 'dist', 'infra', 'cdk-app.mjs');
const { outputFiles } = await build({
  write: false,
  entryPoints: [join(folder, 'src', 'main.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  logLevel: 'warning',
  // What isn't this repository's own stays where npm put it.
  plugins: [
    {
      name: 'packages-stay-outside',
      setup: ({ onResolve }) => {
        onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
          kind === 'entry-point' || path.startsWith('@steward/') ? undefined : { path, external: true },
        );
      },
    },
  ],
});
writeOutputs(outputFiles);
await import(pathToFileURL(outfile).href);
