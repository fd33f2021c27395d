import type { IpcMainInvokeEvent, WebContents } from 'electron';
import type { Host, HostReply } from '@steward/desktop-host';
import { StewardError, toErrorBody } from '@steward/sdk';
import { isAppUrl } from './app-address.ts';
import { channels } from './channels.ts';
import type { ElectronApi } from './electron-api.ts';

/** What {@link registerIpc} needs. */
export interface IpcDeps {
  readonly ipcMain: ElectronApi['ipcMain'];
  readonly host: Pick<Host, 'call' | 'subscribe'>;
  /** The app's own window contents; undefined while there is no window. */
  readonly contents: () => Pick<WebContents, 'id' | 'isDestroyed' | 'send'> | undefined;
}

/**
 * Connects the window with the host. A call is answered only when it comes from the main frame of the app's own window
 * showing the app's own page, with exactly a name and a params object; the host checks both against its table.
 */
export function registerIpc(deps: IpcDeps): () => void {
  deps.ipcMain.handle(channels.call, async (event, ...args: unknown[]): Promise<HostReply> => {
    const refusal = judgeCall(event, args, deps.contents()?.id);
    if (refusal !== undefined) return { ok: false, error: toErrorBody(new StewardError('PERMISSION_DENIED', refusal)) };
    return deps.host.call(args[0], args[1]);
  });
  return deps.host.subscribe((event) => {
    const contents = deps.contents();
    if (contents !== undefined && !contents.isDestroyed()) contents.send(channels.event, event);
  });
}

/** Why a call is refused before the host sees it; undefined when it may pass. Pure. */
export function judgeCall(
  event: Pick<IpcMainInvokeEvent, 'senderFrame'> & { readonly sender: Pick<WebContents, 'id' | 'mainFrame'> },
  args: readonly unknown[],
  ownContentsId: number | undefined,
): string | undefined {
  if (ownContentsId === undefined || event.sender.id !== ownContentsId)
    return 'This call does not come from the app’s window.';
  const frame = event.senderFrame;
  if (frame === null || frame !== event.sender.mainFrame) return 'This call does not come from the window’s own page.';
  if (!isAppUrl(frame.url)) return 'This call does not come from a page of the app.';
  const [name, params] = args;
  if (
    args.length !== 2 ||
    typeof name !== 'string' ||
    typeof params !== 'object' ||
    params === null ||
    Array.isArray(params)
  ) {
    return 'A call is a name and an object of params.';
  }
  return undefined;
}
