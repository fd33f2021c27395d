export { Desktop } from './desktop.ts';
export type { DesktopDeps } from './desktop.ts';
export type { ElectronApi, ShellSession, ShellWindow } from './electron-api.ts';
export { findElectronBinary } from './find-electron.ts';
export type { ElectronBinary } from './find-electron.ts';
