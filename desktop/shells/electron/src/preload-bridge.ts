import type { IpcRenderer } from 'electron';
import type { HostBridge, HostEvent } from '@steward/desktop-host/contract';
import { channels } from './channels.ts';

/**
 * Exactly the bridge and nothing else: the page never gets a channel name, an Electron object or an event of Electron's
 * own. The connection inside one process pair is always up.
 */
export function createPreloadBridge(ipc: Pick<IpcRenderer, 'invoke' | 'on'>): HostBridge {
  const listeners = new Set<(event: HostEvent) => void>();
  ipc.on(channels.event, (_event, message: HostEvent) => {
    for (const listener of listeners) listener(message);
  });
  return {
    invoke: (name, params) => ipc.invoke(channels.call, name, params) as never,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    onConnection: (listener) => {
      queueMicrotask(() => listener('up'));
      return () => undefined;
    },
  };
}
