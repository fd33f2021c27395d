import { describe, expect, it } from '@jest/globals';
import type { Host, HostDeps, HostEvent, HostReply } from '@steward/desktop-host';
import { Desktop } from '../src/index.ts';
import { FakeElectron } from './fake-electron.ts';

const issuer = 'http://127.0.0.1:4100';

interface Running {
  readonly electron: FakeElectron;
  readonly hostDeps: () => HostDeps;
  readonly hostCalls: unknown[];
  readonly announce: (event: HostEvent) => void;
  readonly started: boolean;
}

async function start(prepare: (electron: FakeElectron) => void = () => undefined): Promise<Running> {
  const electron = new FakeElectron();
  prepare(electron);
  const hostCalls: unknown[] = [];
  let hostDeps: HostDeps | undefined;
  let announce: (event: HostEvent) => void = () => undefined;
  const host: Host = {
    call: (name, params) => {
      hostCalls.push([name, params]);
      return Promise.resolve({ ok: true, result: {} } as HostReply);
    },
    subscribe: (listener) => {
      announce = listener;
      return () => undefined;
    },
    stop: () => {
      hostCalls.push('stop');
      return Promise.resolve();
    },
  };
  const desktop = new Desktop({
    electron: electron.api,
    stack: {
      services: {},
      issuer,
      clientId: 'steward-desktop',
      caFile: undefined,
      home: '/home/alice/steward',
      runtime: { command: ['node', 'x.js'], env: {} },
      model: 'demo',
      demoModel: true,
    },
    appVersion: '1.2.3',
    appFolder: '/app',
    preload: '/preload.cjs',
    environment: { STEWARD_NODE: '/usr/bin/node22' },
    platform: 'linux',
    createHost: (deps) => {
      hostDeps = deps;
      return Promise.resolve(host);
    },
    log: () => undefined,
  });
  const started = await desktop.start();
  return { electron, hostDeps: () => hostDeps as HostDeps, hostCalls, announce: (event) => announce(event), started };
}

describe('the Electron shell', () => {
  it('sets what can only be set before Electron is ready, then opens one window', async () => {
    const { electron } = await start();

    expect(electron.names).toEqual([
      'enableSandbox',
      'setPath',
      'requestSingleInstanceLock',
      'registerSchemesAsPrivileged',
      'whenReady',
      'fromPartition',
      'createWindow',
      'loadURL',
    ]);
    expect(electron.argsOf('registerSchemesAsPrivileged')).toEqual([
      [{ scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } }],
    ]);
    expect([electron.argsOf('fromPartition'), electron.argsOf('loadURL')]).toEqual([
      ['persist:steward'],
      ['app://steward/'],
    ]);
  });

  it('gives the page no Node, its own world and the sandbox', async () => {
    const { electron } = await start();

    expect(electron.argsOf('createWindow')[0]).toMatchObject({
      webPreferences: {
        preload: '/preload.cjs',
        partition: 'persist:steward',
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webviewTag: false,
        webSecurity: true,
      },
    });
  });

  it('runs once: a second start brings the first to the front', async () => {
    const second = await start((electron) => (electron.isFirstInstance = false));
    const first = await start();

    first.electron.app.emit('second-instance');

    expect([second.started, second.electron.names.at(-1)]).toEqual([false, 'quit']);
    expect(first.electron.names.slice(-2)).toEqual(['restore', 'focus']);
  });

  it('runs agents in a real Node, never in Electron itself', async () => {
    const { hostDeps } = await start();

    expect(hostDeps()).toMatchObject({ shell: 'electron', nodeProgram: '/usr/bin/node22' });
  });

  it('opens the sign-in page in the system’s browser when it is the identity provider’s', async () => {
    const { electron, hostDeps } = await start();

    const shown = await hostDeps().showSignInPage(new URL(`${issuer}/auth?x=1`));
    const refused = hostDeps().showSignInPage(new URL('http://evil.example/auth'));

    await expect(refused).rejects.toThrow('neither https nor on this machine');
    expect([shown, electron.argsOf('openExternal')]).toEqual([true, [`${issuer}/auth?x=1`]]);
  });

  it('answers the folder that a person chose, or null', async () => {
    const cancelled = await start();
    const chosen = await start((electron) => (electron.chosenFolder = '/home/alice/project'));

    expect(await cancelled.hostDeps().chooseFolder?.()).toBeNull();
    expect(await chosen.hostDeps().chooseFolder?.()).toBe('/home/alice/project');
  });

  it('stops the host before it ends', async () => {
    const { electron, hostCalls } = await start();

    electron.app.emit('window-all-closed');
    await new Promise((resolve) => setImmediate(resolve));

    expect(hostCalls).toEqual(['stop']);
    expect(electron.calls.slice(-3)).toEqual([['quit'], ['quit postponed'], ['exit', 0]]);
  });

  it('passes calls of its own page to the host and events back', async () => {
    const { electron, hostCalls, announce } = await start();
    const call = electron.handlers.get('steward:call') as (...args: unknown[]) => Promise<unknown>;

    const reply = await call(
      { sender: electron.contents, senderFrame: electron.contents.mainFrame },
      'getSnapshot',
      {},
    );
    const event = { type: 'snapshot', snapshot: {} } as never;
    announce(event);

    expect([reply, hostCalls]).toEqual([{ ok: true, result: {} }, [['getSnapshot', {}]]]);
    expect(electron.contents.sent).toEqual([['steward:event', event]]);
  });

  it('refuses calls from other windows, frames and pages, and calls with other arguments', async () => {
    const { electron, hostCalls } = await start();
    const call = electron.handlers.get('steward:call') as (...args: unknown[]) => Promise<HostReply>;
    const { contents } = electron;
    const own = { sender: contents, senderFrame: contents.mainFrame };
    const elsewhere = { url: 'https://evil.example/' };

    const replies = await Promise.all([
      call({ ...own, sender: { ...own.sender, id: 2 } }, 'getSnapshot', {}),
      call({ ...own, senderFrame: { url: 'app://steward/' } }, 'getSnapshot', {}),
      call({ ...own, senderFrame: null }, 'getSnapshot', {}),
      call({ sender: { id: 1, mainFrame: elsewhere }, senderFrame: elsewhere }, 'getSnapshot', {}),
      call(own, 'getSnapshot'),
      call(own, 'getSnapshot', {}, 'more'),
      call(own, { toString: 'getSnapshot' }, {}),
      call(own, 'getSnapshot', null),
      call(own, 'getSnapshot', []),
    ]);

    expect(replies.map((reply) => (reply.ok ? 'ok' : reply.error.code))).toEqual(Array(9).fill('PERMISSION_DENIED'));
    expect(hostCalls).toEqual([]);
  });

  it('keeps pages inside the app, and opens allowed links in the person’s browser', async () => {
    const { electron } = await start();
    const { contents } = electron;
    const prevented: string[] = [];
    const eventOf = (url: string): object => ({ url, preventDefault: () => prevented.push(url) });
    electron.app.emit('web-contents-created', {}, contents);

    for (const url of [
      'app://steward/history',
      'https://docs.example/',
      'file:///etc/passwd',
      'http://evil.example/',
    ]) {
      contents.emit('will-navigate', eventOf(url));
    }
    contents.emit('will-redirect', eventOf('https://redirect.example/'));
    contents.emit('will-frame-navigate', eventOf('https://frame.example/'));
    contents.emit('will-attach-webview', eventOf('webview'));
    const opened = contents.openHandler?.({ url: 'https://link.example/' });

    expect(prevented).toEqual([
      'https://docs.example/',
      'file:///etc/passwd',
      'http://evil.example/',
      'https://redirect.example/',
      'https://frame.example/',
      'webview',
    ]);
    expect(opened).toEqual({ action: 'deny' });
    expect(electron.calls.filter(([name]) => name === 'openExternal').map(([, url]) => url)).toEqual([
      'https://docs.example/',
      'https://link.example/',
    ]);
  });

  it('refuses permissions, devices and requests that leave the app', async () => {
    const { electron } = await start();
    const { contents, session } = electron;
    const ask = (permission: string): boolean | undefined => {
      let answer: boolean | undefined;
      (session.get('setPermissionRequestHandler') as (...args: unknown[]) => void)(
        contents,
        permission,
        (granted: boolean) => (answer = granted),
      );
      return answer;
    };
    const request = (url: string): unknown => {
      let answer: unknown;
      (session.get('onBeforeRequest') as (...args: unknown[]) => void)(
        { url },
        (response: unknown) => (answer = response),
      );
      return answer;
    };

    expect(
      ['media', 'geolocation', 'notifications', 'clipboard-read', 'openExternal', 'clipboard-sanitized-write'].map(ask),
    ).toEqual([false, false, false, false, false, true]);
    expect(
      (session.get('setPermissionCheckHandler') as (...args: unknown[]) => unknown)(null, 'clipboard-sanitized-write'),
    ).toBe(false);
    expect((session.get('setDevicePermissionHandler') as () => unknown)()).toBe(false);
    expect(
      ['app://steward/assets/a.js', 'https://evil.example/', 'file:///etc/passwd', 'ws://127.0.0.1:1/'].map(request),
    ).toEqual([{ cancel: false }, { cancel: true }, { cancel: true }, { cancel: true }]);
  });
});
