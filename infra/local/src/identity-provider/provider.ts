import { Provider, errors, interactionPolicy } from 'oidc-provider';
import type { Configuration } from 'oidc-provider';
import { ACCESS_TOKEN_SECONDS, claimsOfPerson, claimsOfService, resourceServerFor } from './claims.ts';
import { clientsWith, isLoopbackRedirect } from './clients.ts';
import { PAGE_SECURITY_POLICY } from './page-layout.ts';
import { renderErrorPage, renderSignOutPage, renderSignedOutPage } from './pages.ts';
import { findPerson } from './people.ts';
import type { Person } from './people.ts';
import { SIGNING_ALGORITHM } from './secrets.ts';
import type { IdentitySecrets } from './secrets.ts';
import { DESKTOP_CLIENT_ID, PEOPLE_AUDIENCE } from './service-names.ts';
import type { LiveAccountRules } from './account-rules.ts';
import { signInIdOf } from './ended-sign-ins.ts';
import type { TokenStore } from './token-store.ts';

/** What {@link createProvider} needs. */
export interface ProviderDeps {
  /** Exact origin, for example `http://127.0.0.1:4100`. */
  readonly issuer: string;
  readonly people: readonly Person[];
  readonly secrets: IdentitySecrets;
  readonly tokens: TokenStore;
  readonly rules: LiveAccountRules;
}

const DAY_SECONDS = 24 * 60 * 60;

/** Builds the OpenID provider; listening, the sign-in form and readiness belong to the caller. */
export function createProvider(deps: ProviderDeps): Provider {
  const provider = new Provider(deps.issuer, configurationOf(deps));
  const clientPrototype = provider.Client.prototype;
  const byRegistration = clientPrototype.redirectUriAllowed;
  clientPrototype.redirectUriAllowed = function redirectUriAllowed(value: string) {
    return this.clientId === DESKTOP_CLIENT_ID ? isLoopbackRedirect(value) : byRegistration.call(this, value);
  };
  clientPrototype.postLogoutRedirectUriAllowed = function postLogoutRedirectUriAllowed(value: string) {
    return this.clientId === DESKTOP_CLIENT_ID && isLoopbackRedirect(value);
  };
  return provider;
}

function configurationOf(deps: ProviderDeps): Configuration {
  const { people, secrets, tokens, rules } = deps;
  // Browsers share cookies between the ports of a host; the port in the name keeps two stacks apart.
  const cookieSuffix = new URL(deps.issuer).port;
  return {
    adapter: (kind) => tokens.adapter(kind),
    clients: clientsWith(secrets.clientSecrets),
    jwks: { keys: secrets.signingKeys as NonNullable<Configuration['jwks']>['keys'] },
    clientDefaults: { id_token_signed_response_alg: SIGNING_ALGORITHM },
    responseTypes: ['code'],
    scopes: ['openid', 'profile', 'offline_access'],
    claims: { openid: ['sub', 'tenant_id', 'roles'], profile: ['name'] },
    conformIdTokenClaims: false,
    clientAuthMethods: ['none', 'client_secret_basic'],
    pkce: { required: () => true },
    cookies: {
      keys: [...secrets.cookieKeys],
      names: {
        session: `steward_session_${cookieSuffix}`,
        interaction: `steward_interaction_${cookieSuffix}`,
        resume: `steward_resume_${cookieSuffix}`,
      },
    },
    clientBasedCORS: () => false,
    // Asked for every token, with the refresh token or code it is made from.
    findAccount: async (_context, name, token) => {
      const issuedAt = (token as { iat?: number } | undefined)?.iat;
      if (findPerson(people, name) === undefined || !(await rules.admits(name, issuedAt))) return undefined;
      return { accountId: name, claims: () => ({ sub: name, ...claimsOfPerson(people, name) }) };
    },
    interactions: { policy: signInEveryTime(), url: (_context, interaction) => `/sign-in/${interaction.uid}` },
    extraTokenClaims: (_context, token) =>
      token.kind === 'AccessToken'
        ? { ...claimsOfPerson(people, token.accountId), sid: signInIdOf(String(token.grantId)) }
        : { ...claimsOfService() },
    issueRefreshToken: (_context, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: () => false,
    rotateRefreshToken: true,
    ttl: {
      AccessToken: ACCESS_TOKEN_SECONDS,
      ClientCredentials: ACCESS_TOKEN_SECONDS,
      AuthorizationCode: 60,
      IdToken: ACCESS_TOKEN_SECONDS,
      Interaction: 60 * 60,
      Session: 14 * DAY_SECONDS,
      Grant: 30 * DAY_SECONDS,
      RefreshToken: 30 * DAY_SECONDS,
    },
    renderError: (context, out) => {
      context.type = 'html';
      context.set('content-security-policy', PAGE_SECURITY_POLICY);
      context.body = renderErrorPage(out.error_description ?? out.error);
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true, allowedPolicy: (_context, client, token) => token.clientId === client.clientId },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context, form) => {
          context.set('content-security-policy', PAGE_SECURITY_POLICY);
          context.body = renderSignOutPage(form);
        },
        postLogoutSuccessSource: (context) => {
          context.set('content-security-policy', PAGE_SECURITY_POLICY);
          context.body = renderSignedOutPage();
        },
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_context, client, oneOf) => {
          if (oneOf !== undefined) return oneOf;
          if (client.clientId === DESKTOP_CLIENT_ID) return PEOPLE_AUDIENCE;
          throw new errors.InvalidTarget('A service names the service it calls in the parameter resource.');
        },
        useGrantedResource: () => true,
        getResourceServerInfo: (_context, resource, client) => resourceServerFor(resource, client.clientId),
      },
    },
  };
}

/**
 * A native client can be impersonated by any program that listens on loopback (RFC 8252 §8.6), so a person types the
 * password for every sign-in; a browser session alone never yields a code.
 */
function signInEveryTime(): ReturnType<typeof interactionPolicy.base> {
  const policy = interactionPolicy.base();
  policy
    .get('login')
    ?.checks.add(
      new interactionPolicy.Check(
        'fresh_sign_in',
        'every sign-in asks for the password',
        'login_required',
        (context) =>
          context.oidc.result?.login === undefined
            ? interactionPolicy.Check.REQUEST_PROMPT
            : interactionPolicy.Check.NO_NEED_TO_PROMPT,
      ),
    );
  return policy;
}
