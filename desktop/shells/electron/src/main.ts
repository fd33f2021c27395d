import { fileURLToPath } from 'node:url';
// Electron itself provides this module; packagers want its package among the development ones.
// eslint-disable-next-line import-x/no-extraneous-dependencies
import { BrowserWindow, app, dialog, ipcMain, protocol, safeStorage, session, shell } from 'electron';
import { appVersion, createHost, readStackFile } from '@steward/desktop-host';
import { StewardError, logLines } from '@steward/sdk';
import { Desktop } from './desktop.ts';

const write = logLines(process.stderr);

/**
 * Entry point in Electron: STEWARD_STACK_FILE describes the stack, STEWARD_HOME replaces its data folder, STEWARD_NODE
 * names the Node that runs agents (`node` on the PATH unless given). Everything happens in `desktop.ts`.
 */
async function prepare(): Promise<Desktop> {
  const { STEWARD_STACK_FILE: stackFile, STEWARD_HOME: home } = process.env;
  if (stackFile === undefined) throw new StewardError('INVALID_REQUEST', 'Set STEWARD_STACK_FILE; npm start does.');
  const stack = await readStackFile(stackFile);
  return new Desktop({
    electron: {
      app,
      protocol,
      session,
      ipcMain,
      shell,
      dialog,
      safeStorage,
      createWindow: (options) => new BrowserWindow(options),
    },
    stack: home === undefined || home === '' ? stack : { ...stack, home },
    appVersion,
    appFolder: fileURLToPath(new URL('../app', import.meta.url)),
    preload: fileURLToPath(new URL('./preload.cjs', import.meta.url)),
    environment: process.env,
    platform: process.platform,
    createHost,
    log,
  });
}

function log(fields: Readonly<Record<string, unknown>>): void {
  write(JSON.stringify({ time: new Date().toISOString(), component: 'DesktopApp', ...fields }));
}

function fail(error: unknown): void {
  log({ level: 'error', message: error instanceof Error ? error.message : 'The desktop could not start.' });
  app.exit(1);
}

// Electron becomes ready only after this module has been evaluated: what is awaited here happens before, and waiting
// here for the window would never end.
try {
  const desktop = await prepare();
  desktop.start().catch(fail);
} catch (error) {
  fail(error);
}
