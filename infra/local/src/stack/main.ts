import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareHome } from '../home/home-layout.ts';
import { HomeLock } from '../home/home-lock.ts';
import { Stack } from './stack.ts';
import { readyLine } from './stack-description.ts';
import { parseStackOptions } from './stack-options.ts';
import type { StackOptions } from './stack-options.ts';
import { StartError, UsageError } from './start-error.ts';
import { watchBundles } from './watch-bundles.ts';

/** Exit codes that scripts rely on. */
const EXIT = { clean: 0, failed: 1, usage: 2, interrupted: 130 } as const;

const IMPATIENT_AFTER_MS = 1000;

async function main(): Promise<number> {
  const options = parseStackOptions(process.argv.slice(2), {
    env: process.env,
    platform: process.platform,
    homeDir: homedir(),
    cwd: process.env['INIT_CWD'] ?? process.cwd(),
  });
  const home = await prepareHome(options.home);
  const lock = await HomeLock.acquire(home.run, home.root);
  try {
    return await run(options, home);
  } finally {
    await lock.release();
  }
}

async function run(options: StackOptions, home: Awaited<ReturnType<typeof prepareHome>>): Promise<number> {
  // The bundle is dist/infra/stack.js.
  const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
  let end: (code: number) => void = () => undefined;
  const ending = new Promise<number>((resolve) => {
    end = resolve;
  });
  const stack = new Stack({
    root,
    options,
    home,
    env: process.env,
    report,
    createTables: async (endpoint, region) => {
      // Loaded late: the database starts while the AWS SDK is being read.
      const { createTables } = await import('../engine/create-tables.ts');
      await createTables({ endpoint, region, environment: 'local' });
    },
    desktopEnded: (sentence) => {
      report(sentence);
      end(EXIT.clean);
    },
    now: () => Date.now(),
  });
  let firstSignalAt: number | undefined;
  const onSignal = (code: number) => (): void => {
    firstSignalAt ??= Date.now();
    // A terminal and npm both pass one Ctrl-C on; only a later one means that the person lost patience.
    if (Date.now() - firstSignalAt > IMPATIENT_AFTER_MS) stack.kill();
    end(code);
  };
  process.on('SIGINT', onSignal(EXIT.interrupted));
  process.on('SIGTERM', onSignal(EXIT.clean));
  process.on('SIGHUP', onSignal(EXIT.clean));
  // The starter is gone without a word.
  process.on('disconnect', onSignal(EXIT.clean));

  let stopWatching = (): void => undefined;
  try {
    const started = await Promise.race([stack.start(), ending]);
    if (typeof started === 'number') return started;
    if (options.watch) stopWatching = watch(stack, root);
    const { description, app } = started;
    if (app !== undefined) report(`\nSteward is ready: ${app}\n`);
    else report('\nSteward is ready.\n');
    if (options.json) process.stdout.write(`${readyLine(description, app)}\n`);
    const code = await ending;
    report('Stopping.');
    return code;
  } finally {
    stopWatching();
    await stack.stop();
  }
}

function watch(stack: Stack, root: string): () => void {
  const folders = ['.', 'services', 'infra'].map((folder) => join(root, 'dist', folder));
  // One restart of a process at a time; different processes restart side by side.
  const restarts = new Map<string, Promise<void>>();
  return watchBundles(folders, (file) => {
    const name = file.replace(/\.js$/, '');
    const restart = (restarts.get(name) ?? Promise.resolve())
      .then(() => stack.replace(name))
      .catch((error: unknown) => report(sentenceOf(error)));
    restarts.set(name, restart);
  });
}

function report(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const known = error instanceof StartError || error instanceof UsageError;
    report(known ? error.message : `Steward could not start: ${sentenceOf(error)}`);
    process.exit(error instanceof UsageError ? EXIT.usage : EXIT.failed);
  },
);
