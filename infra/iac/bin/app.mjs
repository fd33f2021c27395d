/** The program that `cdk` runs: bundles the stacks' sources, which Node can't read as they are, and starts the bundle. */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..');
const outfile = join(folder, '..', '..', 'dist', 'infra', 'cdk-app.mjs');
mkdirSync(dirname(outfile), { recursive: true });
await build({
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
await import(pathToFileURL(outfile).href);
