import type { WebContents } from 'electron';
import { isAppUrl } from './app-address.ts';

/**
 * Keeps a page where it belongs: no navigation or redirect away from the app, no new windows, no embedded pages. Links
 * that a person may follow open in their own browser.
 */
export function keepInside(
  contents: Pick<WebContents, 'on' | 'setWindowOpenHandler'>,
  openExternally: (url: string) => void,
): void {
  contents.on('will-navigate', (event) => {
    if (isAppUrl(event.url)) return;
    event.preventDefault();
    openExternally(event.url);
  });
  contents.on('will-frame-navigate', (event) => {
    if (!isAppUrl(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => {
    if (!isAppUrl(event.url)) event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openExternally(url);
    return { action: 'deny' };
  });
}
