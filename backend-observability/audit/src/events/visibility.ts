import { hasAnyRole } from '@steward/service-kit';
import type { Caller } from '@steward/service-kit';
import type { SealedEvent, StoredEvent } from './event.ts';

/** True when the caller may see everything of the tenant. */
export function seesWholeTenant(caller: Caller): boolean {
  return hasAnyRole(caller, 'auditor', 'admin', 'operator');
}

/** What decides who may see an event. */
interface Sight {
  readonly envelope: Pick<SealedEvent, 'tenantId' | 'userId'>;
  readonly owner?: string;
}

/** True when the caller may see the event: people see what they did and what happened in their own workspaces. */
export function maySee(caller: Caller, { envelope, owner }: Sight): boolean {
  if (envelope.tenantId !== caller.tenantId) return false;
  return seesWholeTenant(caller) || envelope.userId === caller.userId || owner === caller.userId;
}

/** True when the caller may follow the whole stream whose last event this is. */
export function mayFollow(caller: Caller, head: StoredEvent): boolean {
  if (head.event.tenantId !== caller.tenantId) return false;
  return seesWholeTenant(caller) || head.owner === caller.userId;
}
