import type * as Electron from 'electron';

/**
 * The part of Electron that the shell uses, in Electron's own types. The one seam: `main.ts` gives the real thing,
 * tests a recording fake.
 */
export interface ElectronApi {
  readonly app: Pick<
    Electron.App,
    'enableSandbox' | 'exit' | 'on' | 'quit' | 'requestSingleInstanceLock' | 'setPath' | 'whenReady'
  >;
  readonly protocol: Pick<Electron.Protocol, 'registerSchemesAsPrivileged'>;
  readonly session: { fromPartition(partition: string): ShellSession };
  readonly ipcMain: Pick<Electron.IpcMain, 'handle'>;
  readonly shell: Pick<Electron.Shell, 'openExternal'>;
  readonly dialog: { showOpenDialog(options: Electron.OpenDialogOptions): Promise<Electron.OpenDialogReturnValue> };
  readonly safeStorage: Pick<
    Electron.SafeStorage,
    'decryptString' | 'encryptString' | 'getSelectedStorageBackend' | 'isEncryptionAvailable'
  >;
  readonly createWindow: (options: Electron.BrowserWindowConstructorOptions) => ShellWindow;
}

/** What the shell does with its session. */
export interface ShellSession {
  readonly protocol: Pick<Electron.Protocol, 'handle'>;
  readonly webRequest: Pick<Electron.WebRequest, 'onBeforeRequest'>;
  setPermissionRequestHandler: Electron.Session['setPermissionRequestHandler'];
  setPermissionCheckHandler: Electron.Session['setPermissionCheckHandler'];
  setDevicePermissionHandler: Electron.Session['setDevicePermissionHandler'];
}

/** What the shell does with its window. */
export type ShellWindow = Pick<
  Electron.BrowserWindow,
  'focus' | 'isDestroyed' | 'isMinimized' | 'loadURL' | 'once' | 'restore' | 'show' | 'webContents'
>;
