import type { ClientMetadata } from 'oidc-provider';
import { DESKTOP_CLIENT_ID, SERVICE_NAMES, serviceClientId } from './service-names.ts';

/** Scopes that the desktop may ask for. */
export const DESKTOP_SCOPES = 'openid profile offline_access';

/** The registered clients: the desktop (public, PKCE) and one confidential client per service. */
export function clientsWith(clientSecrets: Readonly<Record<string, string>>): ClientMetadata[] {
  const services = SERVICE_NAMES.map(serviceClientId).map((clientId): ClientMetadata => {
    const secret = clientSecrets[clientId];
    if (secret === undefined) throw new Error(`The identity secrets hold no secret for client ${clientId}.`);
    return {
      client_id: clientId,
      client_secret: secret,
      client_name: clientId,
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      token_endpoint_auth_method: 'client_secret_basic',
    };
  });
  return [desktopClient(), ...services];
}

function desktopClient(): ClientMetadata {
  return {
    client_id: DESKTOP_CLIENT_ID,
    client_name: 'Steward',
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    // Any loopback port and path is accepted, see isLoopbackRedirect; these two satisfy the registration rules.
    redirect_uris: ['http://127.0.0.1/callback'],
    post_logout_redirect_uris: ['http://127.0.0.1/'],
    scope: DESKTOP_SCOPES,
  };
}

/**
 * True for a redirect that stays on this machine (RFC 8252 §7.3): plain HTTP on a loopback IP literal, any port and
 * path, no credentials and no fragment. `localhost` is refused because a resolver can point it elsewhere.
 */
export function isLoopbackRedirect(value: string): boolean {
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    return false;
  }
  const loopback = url.hostname === '127.0.0.1' || url.hostname === '[::1]';
  return url.protocol === 'http:' && loopback && url.username === '' && url.password === '' && !value.includes('#');
}
