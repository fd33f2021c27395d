import { StewardError } from '@steward/sdk';
import { hasAnyRole } from '@steward/service-kit';
import type { Caller } from '@steward/service-kit';
import { maxWaitMs, statusAt } from './approval.ts';
import type { ApprovalDecision, ApprovalInput, ApprovalRecord, RequestRecord } from './approval.ts';

/** True when the caller may see the approval: their own, or the tenant's for approvers and auditors. */
export function maySee(caller: Caller, request: RequestRecord): boolean {
  if (request.tenantId !== caller.tenantId) return false;
  return request.userId === caller.userId || hasAnyRole(caller, 'approver', 'auditor');
}

/**
 * Throws unless the caller may give this answer. An action that needs an approver is approved by a person with that
 * role who is not the session's user; refusing is always open to the session's user too.
 */
export function assertMayDecide(caller: Caller, request: RequestRecord, decision: ApprovalDecision['decision']): void {
  const isOwn = request.userId === caller.userId;
  const isApprover = hasAnyRole(caller, 'approver');
  const needsApprover = request.input.approverRole === 'approver' && (decision === 'approved' || decision === 'held');
  if (needsApprover && isOwn)
    throw refusal('four_eyes', 'this action needs the approval of another person with the role approver.');
  if (needsApprover && !isApprover)
    throw refusal('approver_role_missing', 'this action needs the approval of a person with the role approver.');
  if (!isOwn && !isApprover) throw refusal('not_your_session', 'only the session’s user or an approver decides.');

  function refusal(reason: string, sentence: string): StewardError {
    return new StewardError('PERMISSION_DENIED', `Approval ${request.input.approvalId}: ${sentence}`, {
      details: { reasonCodes: [reason] },
    });
  }
}

/** Throws unless the action shown to the person is the one that was asked about. */
export function assertSameAction(request: RequestRecord, actionDigest: string): void {
  if (request.input.actionDigest === actionDigest) return;
  throw new StewardError(
    'CONFLICT',
    `Approval ${request.input.approvalId} covers another action than the one decided; load it and decide again.`,
    {
      details: { reasonCodes: ['action_digest_differs'] },
    },
  );
}

/** Throws when the wait is over: decided, or the time has run out. */
export function assertStillOpen(record: ApprovalRecord, now: Date): void {
  const status = statusAt(record, now);
  if (status === 'pending' || status === 'held') return;
  throw new StewardError(
    'CONFLICT',
    `Approval ${record.request.input.approvalId} is already settled (${status}); the first decision counts.`,
    {
      details: { reasonCodes: [status === 'timeout' ? 'approval_expired' : 'already_decided'], status },
    },
  );
}

/** Throws when a decision that was made on the client does not fit its request. */
export function assertPlausible(input: ApprovalInput, now: Date): void {
  const expiresMs = Date.parse(input.expiresAt);
  if (expiresMs > now.getTime() + maxWaitMs) throw invalid('expiresAt', 'must be at most 24 hours ahead');
  const { decision } = input;
  if (decision === undefined) return;
  const decidedMs = Date.parse(decision.decidedAt);
  if (decidedMs > now.getTime() + 60_000) throw invalid('decision.decidedAt', 'must not be in the future');
  if (decision.decision === 'approved' && decidedMs > expiresMs)
    throw invalid('decision.decidedAt', 'of an approval must not be after expiresAt');

  function invalid(field: string, rule: string): StewardError {
    return new StewardError('INVALID_REQUEST', `Approval ${input.approvalId}: ${field} ${rule}.`, {
      details: { field },
    });
  }
}
