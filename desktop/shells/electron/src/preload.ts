// Electron itself provides this module; packagers want its package among the development ones.
// eslint-disable-next-line import-x/no-extraneous-dependencies
import { contextBridge, ipcRenderer } from 'electron';
import { createPreloadBridge } from './preload-bridge.ts';

contextBridge.exposeInMainWorld('steward', createPreloadBridge(ipcRenderer));
