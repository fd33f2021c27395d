/**
 * Bundles the agent runtime into one ESM file, `dist/agent-runtime.js`. What the code imports dynamically stays lazy
 * inside the file: it is parsed but not run until it is needed. `--out FILE` writes elsewhere.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const outFlag = process.argv.indexOf('--out');

/** Builds the bundle and returns its path. */
export async function buildRuntime(outfile = join(here, '..', 'dist', 'agent-runtime.js')) {
  await build({
    entryPoints: [join(here, '..', 'app', 'src', 'main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    splitting: false,
    // Syntax is minified for a shorter parse; names stay, so that stack traces in logs can be read.
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: false,
    legalComments: 'linked',
    sourcemap: 'linked',
    logLevel: 'warning',
    // CommonJS dependencies inside an ESM file look for require.
    banner: {
      js: "#!/usr/bin/env node\nimport{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
  });
  return outfile;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildRuntime(outFlag > 0 ? process.argv[outFlag + 1] : undefined);
}
