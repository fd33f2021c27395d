import type { BrowserWindowConstructorOptions } from 'electron';

/** Name of the renderer's own session, apart from any other that the process may have. */
export const partition = 'persist:steward';

/** How the one window is made: a sandboxed page without Node, apart from the preload script's world. */
export function windowOptions(preload: string): BrowserWindowConstructorOptions {
  return {
    title: 'Steward',
    width: 1280,
    height: 860,
    minWidth: 480,
    minHeight: 420,
    show: false,
    webPreferences: {
      preload,
      partition,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      nodeIntegrationInWorker: false,
      webviewTag: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    },
  };
}
