import { errors } from 'oidc-provider';
import type { ResourceServer } from 'oidc-provider';
import { DESKTOP_SCOPES } from './clients.ts';
import { findPerson } from './people.ts';
import type { Person } from './people.ts';
import { SIGNING_ALGORITHM } from './secrets.ts';
import { DESKTOP_CLIENT_ID, PEOPLE_AUDIENCE, SERVICE_NAMES, serviceAudience } from './service-names.ts';

/** Life of every access token, in seconds. */
export const ACCESS_TOKEN_SECONDS = 600;

/** Tenant of service principals: they act for every tenant and belong to none. */
const SERVICE_TENANT = 'system';

/** Claims that say who a principal is. */
export interface PrincipalClaims {
  readonly tenant_id: string;
  readonly roles: readonly string[];
  readonly name?: string;
}

/** Claims of a person's access and id tokens; throws when the account no longer exists. */
export function claimsOfPerson(people: readonly Person[], name: string): PrincipalClaims {
  const person = findPerson(people, name);
  if (person === undefined) throw new errors.InvalidGrant(`The account ${name} does not exist any more.`);
  return { tenant_id: person.tenantId, roles: [...person.roles], name: person.displayName };
}

/** Claims of a service's access token. */
export function claimsOfService(): PrincipalClaims {
  return { tenant_id: SERVICE_TENANT, roles: ['service'] };
}

/**
 * The audience that a client may name as `resource`: the desktop the people's audience, a service any service's.
 * Throws `invalid_target` for everything else.
 */
export function resourceServerFor(resource: string, clientId: string): ResourceServer {
  const serviceAudiences: readonly string[] = SERVICE_NAMES.map(serviceAudience);
  const allowed = clientId === DESKTOP_CLIENT_ID ? resource === PEOPLE_AUDIENCE : serviceAudiences.includes(resource);
  if (!allowed) throw new errors.InvalidTarget(`The client ${clientId} may not ask for the resource ${resource}.`);
  return {
    audience: resource,
    scope: clientId === DESKTOP_CLIENT_ID ? DESKTOP_SCOPES : '',
    accessTokenFormat: 'jwt',
    accessTokenTTL: ACCESS_TOKEN_SECONDS,
    jwt: { sign: { alg: SIGNING_ALGORITHM } },
  };
}
