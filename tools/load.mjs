/**
 * `npm run load`: the services' start, then load, overload, a broken engine and kills, in about ten minutes; `-- --short`
 * in three, `-- --minutes 30` with a long mixed run. infra/ci/README.md says what the figures mean.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadProgram } from './ci/load-program.mjs';
import { build } from './build.mjs';
import { checkNode, ensureInstalled } from './setup.mjs';
import { writeOutputs } from './write-outputs.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
checkNode();
await ensureInstalled();
await build({ only: ['services'] });
const { runLoad } = await loadProgram('load/main.ts');
const bareScript = await bundleBareServer();
process.exitCode = await runLoad({
  root,
  bareScript,
  args: process.argv.slice(2),
  print: (line) => console.log(line),
  say: (sentence) => console.error(sentence),
});

/** A program of its own, bundled as the services are. */
async function bundleBareServer() {
  const { build: esbuild } = await import('esbuild');
  const outfile = join(root, 'infra/ci/dist/bare-server.mjs');
  const { outputFiles } = await esbuild({
    write: false,
    absWorkingDir: root,
    entryPoints: ['infra/ci/src/load/bare-server.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    banner: {
      js: "import { createRequire } from 'node:module'; globalThis.require ??= createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  writeOutputs(outputFiles);
  return outfile;
}
