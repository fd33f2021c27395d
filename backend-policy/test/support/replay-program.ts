import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Bundles the program of a replay's threads into the folder, since a thread can't run the sources as they are. */
export function buildReplayProgram(folder: string): URL {
  const outfile = join(folder, 'replay-worker.mjs');
  const options = {
    entryPoints: [join(root, 'backend-policy/src/simulations/replay-worker.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    // Bundled CommonJS packages expect this name.
    banner: {
      js: "import { createRequire } from 'node:module'; globalThis.require ??= createRequire(import.meta.url);",
    },
  };
  const program = `import { build } from 'esbuild'; await build(${JSON.stringify(options)});`;
  execFileSync(process.execPath, ['--input-type=module', '--eval', program], { cwd: root });
  return pathToFileURL(outfile);
}
