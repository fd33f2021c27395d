import { appScheme, isAppUrl } from './app-address.ts';
import type { ShellSession } from './electron-api.ts';

/** What pages of the app may do beside showing themselves: put text on the clipboard for a copy button. */
const allowedPermissions: ReadonlySet<string> = new Set(['clipboard-sanitized-write']);

/**
 * Closes the renderer's session: every permission but one and every device is refused, and no request leaves the app's
 * own scheme, whatever a page tries.
 */
export function closeSession(session: ShellSession, serve: (request: Request) => Promise<Response>): void {
  session.protocol.handle(appScheme, (request) => serve(request));
  session.setPermissionRequestHandler((webContents, permission, callback) => {
    callback(allowedPermissions.has(permission) && isAppUrl(webContents.getURL()));
  });
  session.setPermissionCheckHandler(
    (webContents, permission) => allowedPermissions.has(permission) && isAppUrl(webContents?.getURL() ?? ''),
  );
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest((details, callback) => {
    const inside = isAppUrl(details.url) || details.url.startsWith('devtools://');
    callback({ cancel: !inside });
  });
}
