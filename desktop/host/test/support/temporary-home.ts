import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StackDescription } from '../../src/index.ts';

const scriptedRuntime = fileURLToPath(new URL('./scripted-runtime.mjs', import.meta.url));

/** A data folder of its own, removed by `remove`. */
export interface TemporaryHome {
  readonly path: string;
  /** What the scripted runtimes were given, in order. */
  seen(): Promise<Record<string, never>[]>;
  remove(): Promise<void>;
}

export async function temporaryHome(): Promise<TemporaryHome> {
  const path = await mkdtemp(join(tmpdir(), 'steward-host-'));
  return {
    path,
    seen: async () => {
      const text = await readFile(join(path, 'runtime-seen.ndjson'), 'utf8').catch(() => '');
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, never>);
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

/** Resolves once a scripted runtime was given something that fits. */
export async function seenBy(home: TemporaryHome, fits: (fact: Record<string, never>) => boolean): Promise<void> {
  while (!(await home.seen()).some(fits)) await new Promise((resolve) => setImmediate(resolve));
}

/** The command of the scripted runtime. */
export const scriptedCommand: readonly string[] = [process.execPath, scriptedRuntime];

/** A stack whose runtime is the scripted one. */
export function scriptedStack(home: string, issuer: string, changes: Partial<StackDescription> = {}): StackDescription {
  return {
    services: {},
    issuer,
    clientId: 'steward-desktop',
    caFile: undefined,
    home,
    runtime: { command: scriptedCommand, env: { STEWARD_HOME: home } },
    model: 'demo model',
    demoModel: true,
    ...changes,
  };
}
