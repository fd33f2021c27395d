import type { TenantScope } from '@steward/service-kit';

/** Whose data a record is; every read and write is scoped by both. */
export interface Owner {
  readonly tenantId: string;
  readonly userId: string;
}

/** The person that a request acts for (the caller, or for a service the one it names), with the tenant's permission. */
export interface Requester extends Owner {
  readonly scope: TenantScope;
}

/** True when the record belongs to exactly this person of this tenant. */
export function isOwnedBy(record: Owner, owner: Owner): boolean {
  return record.tenantId === owner.tenantId && record.userId === owner.userId;
}

/** What a record says of its owner. */
export function ownerOf({ tenantId, userId }: Requester): Owner {
  return { tenantId, userId };
}
