import type { EventEnvelope, PolicyChangeRecord, Revocation } from '@steward/contracts';
import type { ChangeInput, RevocationDraft, TenantPolicyState } from './policy.ts';
import { recordKeys } from './record-keys.ts';
import type { PolicyRecord } from './repository.ts';

/** A change that waits for the Audit Service, as it is stored. */
export interface AuditDelivery {
  /** Number of the change. */
  readonly change: number;
  readonly at: string;
  readonly event: EventEnvelope;
}

/** The state after a change and the rows that go into the same transaction. */
export interface WrittenChange {
  readonly state: TenantPolicyState;
  readonly records: readonly PolicyRecord[];
  readonly revocation?: Revocation;
}

/**
 * What a change leaves behind beside its own effect: its entry of the history, the event for the Audit Service that
 * waits until it was delivered, and the entry of the revocation stream where running sessions must know. Pure.
 */
export function writeChange(
  state: TenantPolicyState,
  input: ChangeInput,
  at: string,
  changeId: string,
  revoked?: RevocationDraft,
): WrittenChange {
  const change = (state.lastChange ?? 0) + 1;
  const record: PolicyChangeRecord = { changeId, ...input, at, audited: false };
  const delivery: AuditDelivery = { change, at, event: eventOf(state.tenantId, record) };
  const records: PolicyRecord[] = [
    { key: recordKeys.change(change), body: record },
    { key: recordKeys.unaudited(change), body: delivery },
  ];
  if (revoked === undefined) return { state: { ...state, lastChange: change }, records };
  const seq = (state.lastRevocation ?? 0) + 1;
  const revocation: Revocation = { seq, at, reason: input.reason, ...revoked };
  records.push({ key: recordKeys.revocation(seq), body: revocation });
  return { state: { ...state, lastChange: change, lastRevocation: seq }, records, revocation };
}

const warnings = new Set(['kill_switch_on', 'key_revoked', 'bundle_revoked', 'session_revoked', 'user_disabled']);

function eventOf(
  tenantId: string,
  { changeId, by, at, audited: _audited, ...facts }: PolicyChangeRecord,
): EventEnvelope {
  return {
    eventId: changeId,
    eventType: 'policy_changed',
    timestamp: at,
    tenantId,
    userId: by,
    component: 'PolicyService',
    boundedContext: 'PolicyGuardrails',
    severity: warnings.has(facts.change) ? 'warning' : 'info',
    principal: { type: by === 'operator' ? 'service' : 'user', id: by },
    payload: facts,
  };
}
