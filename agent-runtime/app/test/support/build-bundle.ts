import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = join(fileURLToPath(import.meta.url), '..', '..', '..', '..');
let built: Promise<void> | undefined;

/** Builds the runtime's bundle from the present sources; once per test process. */
export function buildBundle(): Promise<void> {
  built ??= (async () => {
    const { buildRuntime } = (await import(join(folder, 'build', 'build.mjs'))) as {
      buildRuntime: () => Promise<string>;
    };
    await buildRuntime();
    if (!existsSync(join(folder, 'dist', 'agent-runtime.js'))) throw new Error('The bundle was not written.');
  })();
  return built;
}
