import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * Bundles TypeScript of this repository and imports it. `source` is a file below the root, or text that exports what is
 * wanted, with imports relative to the root.
 * @param {{ readonly file: string } | { readonly text: string }} source
 * @returns the module, and `remove`, to be called when nothing of it is imported any more
 */
export async function loadSource(source) {
  const work = mkdtempSync(join(root, 'node_modules/.bench-'));
  const remove = () => rmSync(work, { recursive: true, force: true });
  try {
    const outfile = join(work, 'source.mjs');
    await build({
      ...('file' in source
        ? { entryPoints: [join(root, source.file)] }
        : { stdin: { contents: source.text, resolveDir: root } }),
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile,
      logLevel: 'error',
      banner: { js: "import{createRequire as __r}from'node:module';const require=__r(import.meta.url);" },
    });
    return { module: await import(pathToFileURL(outfile).href), remove };
  } catch (error) {
    remove();
    throw error;
  }
}
