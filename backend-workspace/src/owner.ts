import type { Caller } from '@steward/service-kit';

/** Whose data a request is about; every read and write is scoped by both. */
export interface Owner {
  readonly tenantId: string;
  readonly userId: string;
}

/** True when the record belongs to exactly this person of this tenant. */
export function isOwnedBy(record: Owner, owner: Owner): boolean {
  return record.tenantId === owner.tenantId && record.userId === owner.userId;
}

/** The person that a request acts for: the caller, or for a service the one it names. */
export function ownerOf(caller: Caller): Owner {
  return { tenantId: caller.tenantId, userId: caller.userId };
}
