import { join } from 'node:path';
import type { WebContents } from 'electron';
import type { Host, HostDeps, StackDescription } from '@steward/desktop-host';
import { isLoopbackUrl } from '@steward/desktop-host';
import { appScheme, appUrl, mayOpenExternally } from './app-address.ts';
import { createAppProtocol } from './app-protocol.ts';
import type { ElectronApi, ShellWindow } from './electron-api.ts';
import { registerIpc } from './ipc.ts';
import { chooseSealer } from './safe-storage-sealer.ts';
import { chooseTokenStore } from './safe-storage-token-store.ts';
import { closeSession } from './session-security.ts';
import { keepInside } from './window-security.ts';
import { partition, windowOptions } from './window-options.ts';

/** What {@link Desktop} needs. */
export interface DesktopDeps {
  readonly electron: ElectronApi;
  readonly stack: StackDescription;
  readonly appVersion: string;
  /** Folder of the built renderer. */
  readonly appFolder: string;
  /** The bundled preload script. */
  readonly preload: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly createHost: (deps: HostDeps) => Promise<Host>;
  readonly log: (fields: Readonly<Record<string, unknown>>) => void;
}

/** The desktop in Electron: one window over one host. Owns both from `start` to the end of the process. */
export class Desktop {
  readonly #deps: DesktopDeps;
  #window: ShellWindow | undefined;
  #host: Host | undefined;
  #ending = false;

  constructor(deps: DesktopDeps) {
    this.#deps = deps;
  }

  /**
   * Call before Electron is ready: schemes, sandbox and the data folder are set before the first pause, since they
   * can't be later. Resolves when the window has loaded; answers false when another instance runs already, which is
   * brought to the front instead.
   */
  async start(): Promise<boolean> {
    const { app, protocol } = this.#deps.electron;
    app.enableSandbox();
    app.setPath('userData', join(this.#deps.stack.home, 'electron'));
    if (!app.requestSingleInstanceLock()) {
      app.quit();
      return false;
    }
    protocol.registerSchemesAsPrivileged([
      { scheme: appScheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
    ]);
    app.on('second-instance', () => this.#bringToFront());
    app.on('web-contents-created', (_event, contents: WebContents) =>
      keepInside(contents, (url) => this.#openExternally(url)),
    );
    app.on('window-all-closed', () => app.quit());
    app.on('before-quit', (event) => {
      if (this.#ending) return;
      event.preventDefault();
      this.#ending = true;
      void this.#end();
    });
    await app.whenReady();
    await this.#open();
    return true;
  }

  async #open(): Promise<void> {
    const { electron, stack, platform, environment, log } = this.#deps;
    const { store, warning } = chooseTokenStore(electron.safeStorage, join(stack.home, 'host'), platform);
    if (warning !== undefined) log({ level: 'warn', message: warning });
    const sealer = chooseSealer(electron.safeStorage, platform);
    this.#host = await this.#deps.createHost({
      stack,
      ...(sealer === undefined ? {} : { sealer }),
      appVersion: this.#deps.appVersion,
      shell: 'electron',
      tokenStore: store,
      environment,
      // Electron itself could run as Node; that way in is closed in a packaged app, so a real Node is needed.
      nodeProgram: environment['STEWARD_NODE'] ?? 'node',
      showSignInPage: async (page) => {
        await electron.shell.openExternal(this.#allowed(page.href));
        return true;
      },
      returnTo: () => undefined,
      chooseFolder: async () => {
        const { canceled, filePaths } = await electron.dialog.showOpenDialog({
          properties: ['openDirectory', 'createDirectory'],
        });
        return canceled ? null : (filePaths[0] ?? null);
      },
      log,
    });
    closeSession(electron.session.fromPartition(partition), createAppProtocol(this.#deps.appFolder));
    registerIpc({ ipcMain: electron.ipcMain, host: this.#host, contents: () => this.#window?.webContents });
    const window = electron.createWindow(windowOptions(this.#deps.preload));
    this.#window = window;
    window.once('ready-to-show', () => window.show());
    window.once('closed', () => {
      this.#window = undefined;
    });
    await window.loadURL(appUrl);
    log({ level: 'info', message: 'The window has loaded.' });
  }

  async #end(): Promise<void> {
    await this.#host?.stop().catch((error: unknown) => this.#deps.log({ level: 'error', message: String(error) }));
    this.#deps.electron.app.exit(0);
  }

  #bringToFront(): void {
    const window = this.#window;
    if (window === undefined || window.isDestroyed()) return;
    if (window.isMinimized()) window.restore();
    window.focus();
  }

  #openExternally(url: string): void {
    const { electron, log } = this.#deps;
    if (!this.#mayOpen(url))
      return log({ level: 'warn', message: 'A page asked to open an address that is not allowed.' });
    void electron.shell
      .openExternal(url)
      .catch(() => log({ level: 'warn', message: 'The browser could not be opened.' }));
  }

  #allowed(url: string): string {
    if (this.#mayOpen(url)) return url;
    throw new Error('The identity provider’s page is neither https nor on this machine.');
  }

  #mayOpen(url: string): boolean {
    const { issuer } = this.#deps.stack;
    return mayOpenExternally(url, isLoopbackUrl(issuer) ? issuer : undefined);
  }
}
