import { EventEmitter } from 'node:events';
import type { ElectronApi } from '../src/index.ts';

/** One call that the shell made, in order: what, with which arguments. */
export type RecordedCall = readonly [string, ...unknown[]];

/** Electron as the shell sees it, without Electron: records calls, fires events and answers when the test says so. */
export class FakeElectron {
  readonly calls: RecordedCall[] = [];
  readonly app = new EventEmitter();
  readonly contents = new FakeContents();
  readonly window = new EventEmitter();
  readonly handlers = new Map<string, (...args: never[]) => unknown>();
  /** What the sealed session was given, by the setter's name. */
  readonly session = new Map<string, (...args: never[]) => unknown>();
  isFirstInstance = true;
  keyStore: { available: boolean; backend: string } = { available: true, backend: 'gnome_libsecret' };
  chosenFolder: string | null = null;

  readonly api: ElectronApi = this.#build();

  #build(): ElectronApi {
    const record =
      (name: string, result?: unknown) =>
      (...args: unknown[]): unknown => {
        this.calls.push([name, ...args]);
        return result;
      };
    const keep =
      (name: string) =>
      (...args: never[]): void => {
        this.session.set(name, args.at(-1) as unknown as () => unknown);
      };
    const fake = {
      app: Object.assign(this.app, {
        enableSandbox: record('enableSandbox'),
        exit: record('exit'),
        quit: () => {
          this.calls.push(['quit']);
          this.app.emit('before-quit', { preventDefault: () => this.calls.push(['quit postponed']) });
        },
        requestSingleInstanceLock: () => {
          this.calls.push(['requestSingleInstanceLock']);
          return this.isFirstInstance;
        },
        setPath: record('setPath'),
        whenReady: () => {
          this.calls.push(['whenReady']);
          return Promise.resolve();
        },
      }),
      protocol: { registerSchemesAsPrivileged: record('registerSchemesAsPrivileged') },
      session: {
        fromPartition: (name: string) => {
          this.calls.push(['fromPartition', name]);
          return {
            protocol: { handle: keep('handle') },
            webRequest: { onBeforeRequest: keep('onBeforeRequest') },
            setPermissionRequestHandler: keep('setPermissionRequestHandler'),
            setPermissionCheckHandler: keep('setPermissionCheckHandler'),
            setDevicePermissionHandler: keep('setDevicePermissionHandler'),
          };
        },
      },
      ipcMain: {
        handle: (channel: string, handler: (...args: never[]) => unknown) => this.handlers.set(channel, handler),
      },
      shell: { openExternal: record('openExternal', Promise.resolve()) },
      dialog: {
        showOpenDialog: () =>
          Promise.resolve({
            canceled: this.chosenFolder === null,
            filePaths: this.chosenFolder === null ? [] : [this.chosenFolder],
          }),
      },
      safeStorage: {
        isEncryptionAvailable: () => this.keyStore.available,
        getSelectedStorageBackend: () => this.keyStore.backend,
        encryptString: (text: string) => Buffer.from(text, 'utf8').reverse(),
        decryptString: (sealed: Buffer) => Buffer.from(sealed).reverse().toString('utf8'),
      },
      createWindow: (options: unknown) => {
        this.calls.push(['createWindow', options]);
        return Object.assign(this.window, {
          webContents: this.contents,
          focus: record('focus'),
          isDestroyed: () => false,
          isMinimized: () => true,
          loadURL: (url: string) => {
            this.calls.push(['loadURL', url]);
            return Promise.resolve();
          },
          restore: record('restore'),
          show: record('show'),
        });
      },
    };
    return fake as unknown as ElectronApi;
  }

  /** Names of the calls, in order. */
  get names(): string[] {
    return this.calls.map(([name]) => name);
  }

  /** The arguments of the first call with this name. */
  argsOf(name: string): readonly unknown[] {
    return this.calls.find(([called]) => called === name)?.slice(1) ?? [];
  }
}

/** The contents of the one window. */
export class FakeContents extends EventEmitter {
  readonly id = 1;
  readonly mainFrame = { url: 'app://steward/' };
  readonly sent: unknown[] = [];
  openHandler: ((details: { url: string }) => { action: string }) | undefined;

  readonly isDestroyed = (): boolean => false;
  readonly getURL = (): string => this.mainFrame.url;
  readonly send = (channel: string, message: unknown): void => void this.sent.push([channel, message]);
  readonly setWindowOpenHandler = (handler: (details: { url: string }) => { action: string }): void => {
    this.openHandler = handler;
  };
}
