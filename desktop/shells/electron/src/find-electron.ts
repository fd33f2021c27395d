import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Whether Electron can be started here, and why not. */
export type ElectronBinary =
  { readonly available: true; readonly path: string } | { readonly available: false; readonly reason: string };

/**
 * Looks for Electron's binary without ever starting its download: the path in STEWARD_ELECTRON, or the one that the
 * package has fetched.
 */
export function findElectronBinary(
  environment: Readonly<Record<string, string | undefined>>,
  packageFolder: () => string = installedPackage,
): ElectronBinary {
  const given = environment['STEWARD_ELECTRON'];
  if (given !== undefined && given !== '') {
    if (existsSync(given)) return { available: true, path: given };
    return {
      available: false,
      reason: `Electron's binary is not here: STEWARD_ELECTRON names ${given}, which does not exist`,
    };
  }
  try {
    const folder = packageFolder();
    const path = join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8').trim());
    if (existsSync(path)) return { available: true, path };
  } catch {
    // Not installed, or installed without its binary: the same sentence helps.
  }
  return {
    available: false,
    reason: "Electron's binary is not here; npx electron fetches it where the network allows",
  };
}

function installedPackage(): string {
  return dirname(createRequire(import.meta.url).resolve('electron/package.json'));
}
