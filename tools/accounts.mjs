/** `npm run accounts -- disable|enable|end-sign-ins NAME [--home DIR]`: who may use the local stack. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const bundle = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'infra', 'accounts.js');
if (existsSync(bundle)) {
  await import(pathToFileURL(bundle).href);
} else {
  process.stderr.write('No stack was ever started from here. Start one with npm start or npm run stack.\n');
  process.exitCode = 1;
}
