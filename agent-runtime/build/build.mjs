/**
 * Bundles the agent runtime into `dist/agent-runtime.js`, which `node` runs. What the code imports dynamically lies
 * beside it in the folder `agent-runtime/` and is neither read nor parsed until it is needed: a person waits for this
 * process to start. `--out FILE` writes elsewhere.
 */
import { readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { writeOutputs } from '../../tools/write-outputs.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const outFlag = process.argv.indexOf('--out');

// CommonJS dependencies inside an ESM file look for require.
const requireBanner =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";
const main = join(here, '..', 'app', 'src', 'main.ts');

/**
 * Builds the bundle and returns the path of the file to run. Tests may give another entry and plugins. A runtime that
 * runs or starts meanwhile reads whole files only, of this build or of the one before.
 */
export async function buildRuntime(
  outfile = join(here, '..', 'dist', 'agent-runtime.js'),
  { entry = main, plugins = [] } = {},
) {
  const name = basename(outfile, '.js');
  const { outputFiles } = await build({
    write: false,
    entryPoints: [entry],
    plugins,
    outdir: dirname(outfile),
    entryNames: name,
    chunkNames: `${name}/[name]-[hash]`,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    splitting: true,
    // Syntax is minified for a shorter parse; names stay, so that stack traces in logs can be read.
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: false,
    legalComments: 'linked',
    sourcemap: 'linked',
    logLevel: 'warning',
    banner: { js: `#!/usr/bin/env node\n${requireBanner}` },
  });
  writeOutputs(outputFiles, { entries: [resolve(outfile)] });
  removeOldParts(
    join(dirname(outfile), name),
    outputFiles.map(({ path }) => path),
  );
  return outfile;
}

/** Builds the inspector of journals, one file, and returns its path. */
export function buildJournalCommand(outfile = join(here, '..', 'dist', 'steward-journal.js')) {
  return buildCommand(join(here, '..', 'app', 'src', 'journal-command.ts'), outfile);
}

/** Bundles a program that `node` runs from the command line into one file, and returns its path. */
export async function buildCommand(entry, outfile) {
  const { outputFiles } = await build({
    write: false,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'warning',
    banner: { js: requireBanner },
  });
  writeOutputs(outputFiles);
  return outfile;
}

/** A runtime that runs may still need a part of the build before, so parts stay for a day after they were built last. */
function removeOldParts(folder, built) {
  const dayMs = 24 * 3600 * 1000;
  const now = new Date();
  for (const file of built) utimesSync(file, now, now);
  for (const file of readdirSync(folder).map((name) => join(folder, name))) {
    // What another build is writing at this moment may have its own name by now.
    const mtimeMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? now.getTime();
    if (now.getTime() - mtimeMs > dayMs) rmSync(file, { force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildRuntime(outFlag > 0 ? process.argv[outFlag + 1] : undefined);
}
