import type { Logger } from 'pino';
import type { Principal } from '@steward/contracts';
import type { Attempt } from './idempotency/attempt.ts';
import { grantScope } from './storage/tenant-scope.ts';
import type { TenantScope } from './storage/tenant-scope.ts';

/** Who asks. Every row that is read or written belongs to `tenantId`. */
export interface Caller {
  /** The tenant acted in: the token's, or for a service the one it acts for. */
  readonly tenantId: string;
  /** The permission to that tenant's rows, which every repository asks for. */
  readonly scope: TenantScope;
  /** The user acted for: the token's subject, or for a service the one it acts for (its own name otherwise). */
  readonly userId: string;
  readonly roles: readonly string[];
  /** Who really holds the token. */
  readonly principal: Principal;
  readonly isService: boolean;
  /** Only for services: on whose behalf. */
  readonly actingFor?: { readonly tenantId: string; readonly userId?: string };
}

/** What every handler knows about the call beside its parameters. */
export interface RequestContext {
  /** Of public operations: an anonymous caller without tenant and roles. */
  readonly caller: Caller;
  readonly traceId: string;
  /** To be sent with calls to other services, so that they join the trace. */
  readonly traceparent: string;
  readonly requestId: string;
  /** Carries trace, request and operation. Never log bodies or tokens. */
  readonly logger: Logger;
  /** Time of the request. */
  readonly now: Date;
  /** This try of the request; whatever the handler creates gets its id here, so that a repeated request makes one. */
  readonly attempt: Attempt;
  /** Aborted when the client goes away or the service drains; streams end on it. */
  readonly signal: AbortSignal;
}

/** The caller of public operations. */
export const anonymous: Caller = {
  tenantId: '',
  scope: grantScope(''),
  userId: '',
  roles: [],
  principal: { type: 'user', id: 'anonymous' },
  isService: false,
};

/** True when the caller has any of the roles. */
export function hasAnyRole(caller: Caller, ...roles: readonly string[]): boolean {
  return roles.some((role) => caller.roles.includes(role));
}
