import type { IncomingHttpHeaders } from 'node:http';
import { StewardError } from '@steward/sdk';
import type { Access } from '../openapi/document.ts';
import type { Caller } from '../request-context.ts';
import { grantScope } from '../storage/tenant-scope.ts';
import type { VerifiedToken } from './verified-token.ts';

/** The bearer token of a request; throws UNAUTHORIZED when there is none. */
export function bearerTokenOf(headers: IncomingHttpHeaders): string {
  const match = /^Bearer ([A-Za-z0-9_\-.~+/=]{1,16384})$/i.exec(headers.authorization ?? '');
  if (match?.[1] === undefined)
    throw new StewardError(
      'UNAUTHORIZED',
      'The request carries no access token; sign in and send it as a bearer token.',
    );
  return match[1];
}

/**
 * Who a verified token stands for. Services name the tenant and user they act for in `x-acting-tenant` and
 * `x-acting-user`; from anybody else these headers change nothing.
 */
export function callerOf(token: VerifiedToken, headers: IncomingHttpHeaders): Caller {
  const isService = token.roles.includes('service');
  return isService ? serviceCallerOf(token, headers) : personOf(token);
}

/** A token that is sent again and again stands for the same person: nothing but the token decides. */
const people = new WeakMap<VerifiedToken, Caller>();

function personOf(token: VerifiedToken): Caller {
  const known = people.get(token);
  if (known !== undefined) return known;
  const principal = { type: 'user' as const, id: token.subject };
  const made = Object.freeze({ ...baseOf(token, false), principal });
  people.set(token, made);
  return made;
}

function baseOf(token: VerifiedToken, isService: boolean): Omit<Caller, 'principal'> {
  return {
    tenantId: token.tenantId,
    scope: grantScope(token.tenantId),
    userId: token.subject,
    roles: token.roles,
    isService,
  };
}

function serviceCallerOf(token: VerifiedToken, headers: IncomingHttpHeaders): Caller {
  const base = baseOf(token, true);
  const tenantId = actingHeader(headers, 'x-acting-tenant', /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/);
  const userId = actingHeader(headers, 'x-acting-user', /^[\x21-\x7e]{1,200}$/);
  const principal = { type: 'service' as const, id: token.clientId ?? token.subject };
  if (tenantId === undefined) return { ...base, principal };
  return {
    ...base,
    tenantId,
    scope: grantScope(tenantId),
    userId: userId ?? token.subject,
    principal,
    actingFor: { tenantId, ...(userId === undefined ? {} : { userId }) },
  };
}

/**
 * Throws PERMISSION_DENIED unless the caller may use an operation with this access. A service needs to be named by it,
 * whatever tenant and user it says to act for.
 */
export function assertAccess(access: Access, caller: Caller, operationId: string): void {
  if ('public' in access) return;
  if (caller.isService) return assertService(access.services ?? [], caller, operationId);
  if (access.roles.some((role) => caller.roles.includes(role))) return;
  throw new StewardError(
    'PERMISSION_DENIED',
    `${operationId} needs one of the roles ${access.roles.join(', ')}; ask an admin for it.`,
    {
      details: { reasonCodes: ['role_missing'], rolesAllowed: [...access.roles] },
    },
  );
}

/** A service is known by its client: `session-service` is the Session Service, at every identity provider. */
function assertService(services: readonly string[], { principal }: Caller, operationId: string): void {
  if (services.some((name) => principal.id === `${name}-service`)) return;
  throw new StewardError('PERMISSION_DENIED', `${operationId} is not open to the service ${principal.id}.`, {
    details: { reasonCodes: ['service_not_listed'], servicesAllowed: [...services] },
  });
}

function actingHeader(headers: IncomingHttpHeaders, name: string, shape: RegExp): string | undefined {
  const value = headers[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !shape.test(value))
    throw new StewardError('INVALID_REQUEST', `The header ${name} is not valid.`);
  return value;
}
