import type { SigningKeys } from '@steward/service-kit';
import type { ApprovalDecision, RequestRecord } from '../approvals/approval.ts';

/** `typ` of a receipt's header, so that no other signature of ours passes for one. */
export const receiptType = 'steward-receipt+jwt';

/** What a receipt says; everything the runtime checks before it executes. */
export interface ReceiptPayload {
  readonly approvalId: string;
  readonly tenantId: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly taskId: string;
  readonly actionDigest: string;
  readonly decision: ApprovalDecision['decision'];
  readonly scope: NonNullable<ApprovalDecision['scope']>;
  readonly decidedBy: string;
  readonly decidedAt: string;
  readonly recordedAt: string;
  readonly expiresAt: string;
}

/** Signs that somebody decided about exactly this action. Scope is `once` unless the decision names a wider one. */
export function signReceipt(
  keys: SigningKeys,
  request: RequestRecord,
  decided: { decision: ApprovalDecision; decidedBy: string; recordedAt: string },
): Promise<string> {
  const { approvalId, sessionId, taskId, actionDigest, expiresAt } = request.input;
  const { decision, decidedBy, recordedAt } = decided;
  const payload: ReceiptPayload = {
    approvalId,
    tenantId: request.tenantId,
    userId: request.userId,
    sessionId,
    taskId,
    actionDigest,
    decision: decision.decision,
    scope: decision.scope ?? 'once',
    decidedBy,
    decidedAt: decision.decidedAt,
    recordedAt,
    expiresAt,
  };
  return keys.sign(payload, receiptType);
}
