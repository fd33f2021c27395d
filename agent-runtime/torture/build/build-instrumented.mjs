/**
 * Builds the agent runtime with fault points: the same sources by the same build, except that every file of the product
 * gets its `node:fs`, `node:http` and `node:child_process` through the seam in `src/seam`. The product itself carries
 * nothing of it.
 */
import * as processes from 'node:child_process';
import * as fs from 'node:fs';
import * as fsPromises from 'node:fs/promises';
import * as http from 'node:http';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildCommand, buildRuntime } from '../../build/build.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..', '..');
const seam = join(here, '..', 'src', 'seam');
const instrumented = {
  'node:fs': { real: fs, file: 'file-system.ts', factory: 'instrumentFileSystem' },
  'node:fs/promises': { real: fsPromises, file: 'file-promises.ts', factory: 'instrumentFilePromises' },
  'node:http': { real: http, file: 'network.ts', factory: 'instrumentHttp' },
  'node:child_process': { real: processes, file: 'processes.ts', factory: 'instrumentProcesses' },
};
/** Only the product's own operations are points; libraries load their own modules as they are. */
const isProduct = (importer) => {
  const path = relative(root, importer);
  return /^(agent-runtime|platform|desktop\/host)\//.test(path) && !/node_modules|^agent-runtime\/torture\//.test(path);
};

const seamPlugin = {
  name: 'seam',
  setup(build) {
    build.onResolve({ filter: /^node:(fs|fs\/promises|http|child_process)$/ }, ({ path, importer, namespace }) =>
      namespace === 'file' && isProduct(importer)
        ? { path: `${path}?${basename(importer, '.ts')}`, namespace: 'seam' }
        : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'seam' }, ({ path }) => {
      const [module, site] = path.split('?');
      const { real, file, factory } = instrumented[module];
      const names = Object.keys(real).filter((name) => name !== 'default');
      return {
        contents: [
          `import * as real from '${module}';`,
          `import { ${factory} } from '${join(seam, file)}';`,
          `const wrapped = { ...real, ...${factory}('${site}') };`,
          `export const { ${names.join(', ')} } = wrapped;`,
          'export default wrapped;',
        ].join('\n'),
        resolveDir: here,
      };
    });
  },
};

/** Builds into `agent-runtime/dist` and returns the path of the file to run. */
export async function buildInstrumentedRuntime(outfile = join(here, '..', '..', 'dist', 'instrumented-runtime.js')) {
  return buildRuntime(outfile, { entry: join(seam, 'start.ts'), plugins: [seamPlugin] });
}

/** Builds the desktop host with fault points, alone in a process that a harness drives; returns its path. */
export function buildInstrumentedHost(outfile = join(here, '..', '..', 'dist', 'instrumented-host.js')) {
  return buildRuntime(outfile, { entry: join(here, '..', 'src', 'host', 'start.ts'), plugins: [seamPlugin] });
}

/** Builds the harness itself, which `node` runs from the command line; returns its path. */
export function buildHarness(outfile = join(here, '..', '..', 'dist', 'torture.js')) {
  return buildCommand(join(here, '..', 'src', 'main.ts'), outfile);
}
