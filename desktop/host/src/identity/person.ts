import { StewardError } from '@steward/sdk';
import type { IdentitySnapshot } from '../contract/bridge.ts';

/** Who is signed in. */
export type Person = NonNullable<IdentitySnapshot['user']>;

/** Reads the person from the claims of a verified id token; refuses claims without subject or tenant. */
export function personOf(claims: Readonly<Record<string, unknown>> | undefined): Person {
  const userId = claims?.['sub'];
  const tenantId = claims?.['tenant_id'];
  if (typeof userId !== 'string' || typeof tenantId !== 'string') {
    throw new StewardError(
      'UNAUTHORIZED',
      'The identity provider did not say who signed in (sub, tenant_id). Ask an operator to check its claims.',
    );
  }
  const name = claims?.['name'];
  const roles = claims?.['roles'];
  return {
    userId,
    tenantId,
    name: typeof name === 'string' && name !== '' ? name : userId,
    roles: Array.isArray(roles) ? roles.filter((role): role is string => typeof role === 'string') : [],
  };
}

/** True when two sign-ins belong to the same person. */
export function samePerson(left: Person | undefined, right: Person | undefined): boolean {
  return left !== undefined && right !== undefined && left.userId === right.userId && left.tenantId === right.tenantId;
}
