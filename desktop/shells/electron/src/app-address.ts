/** Scheme of the renderer's pages; registered as standard and secure, so that it has an origin of its own. */
export const appScheme = 'app';
const appHost = 'steward';

/** Where the renderer lives. */
export const appUrl = `${appScheme}://${appHost}/`;

/** True for an address inside the app. */
export function isAppUrl(value: string): boolean {
  try {
    const url = new URL(value);
    return url.protocol === `${appScheme}:` && url.host === appHost && url.username === '' && url.password === '';
  } catch {
    return false;
  }
}

/**
 * True for an address that the person's own browser may be sent to: https, or the identity provider of this machine.
 * Everything else (files, other programs' schemes, plain http elsewhere) is refused.
 */
export function mayOpenExternally(value: string, loopbackIssuer: string | undefined): boolean {
  try {
    const url = new URL(value);
    if (url.username !== '' || url.password !== '') return false;
    if (url.protocol === 'https:') return true;
    return loopbackIssuer !== undefined && url.protocol === 'http:' && url.origin === new URL(loopbackIssuer).origin;
  } catch {
    return false;
  }
}
