import { fileURLToPath } from 'node:url';
import { appVersion, readStackFile } from '@steward/desktop-host';
import { StewardError, logLines } from '@steward/sdk';
import { startWebShell } from './start-web-shell.ts';

const write = logLines(process.stderr);

/**
 * Entry point: STEWARD_STACK_FILE describes the stack, STEWARD_HOME replaces its data folder, PORT is the port (free
 * one unless given), STEWARD_APP_DIR the built renderer. Prints one JSON line on stdout once everything answers; logs
 * go to stderr. Exit codes: 0 clean, 1 failed to start, 2 wrong usage.
 */
async function main(): Promise<void> {
  const { STEWARD_STACK_FILE: stackFile, STEWARD_HOME: home, PORT: port = '0', STEWARD_APP_DIR: appDir } = process.env;
  if (stackFile === undefined || !/^\d{1,5}$/.test(port)) {
    fail(2, 'Set STEWARD_STACK_FILE to the stack’s description and PORT to a number; npm start does both.');
    return;
  }
  const stack = await readStackFile(stackFile);
  const shell = await startWebShell({
    stack: home === undefined || home === '' ? stack : { ...stack, home },
    appVersion,
    appFolder: appDir ?? fileURLToPath(new URL('./app', import.meta.url)),
    port: Number(port),
    log,
  });
  process.stdout.write(`${JSON.stringify({ ready: true, app: shell.launchUrl() })}\n`);
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    void shell.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(1, sentenceOf(error)),
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  // Sent when the stack that started us by fork is gone.
  process.on('disconnect', stop);
}

function log(fields: Readonly<Record<string, unknown>>): void {
  write(JSON.stringify({ time: new Date().toISOString(), component: 'DesktopApp', ...fields }));
}

function fail(code: number, message: string): void {
  log({ level: 'error', message });
  process.exit(code);
}

function sentenceOf(error: unknown): string {
  if (error instanceof StewardError) return error.message;
  if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
    return `Port ${process.env['PORT']} is in use. Stop what listens there, or choose another port.`;
  }
  return `The desktop could not start: ${error instanceof Error ? error.message : String(error)}`;
}

main().catch((error: unknown) => fail(1, sentenceOf(error)));
