import type { ApprovalComponents } from '@steward/sdk';

/** An approval as clients see it. */
export type Approval = ApprovalComponents['schemas']['Approval'];
/** What a client sends to record a request, with its decision when there is one already. */
export type ApprovalInput = ApprovalComponents['schemas']['ApprovalInput'];
export type ApprovalStatus = ApprovalComponents['schemas']['ApprovalStatus'];
export type ApprovalDecision = ApprovalComponents['schemas']['ApprovalDecision'];
export type DecideInput = ApprovalComponents['schemas']['DecideInput'];

/** The immutable record of a request. */
export interface RequestRecord {
  readonly tenantId: string;
  /** Who the session belongs to. */
  readonly userId: string;
  readonly input: Omit<ApprovalInput, 'decision'>;
  readonly createdAt: string;
}

/** The immutable record of a hold or a decision. */
export interface DecisionRecord {
  readonly decision: ApprovalDecision;
  readonly decidedBy: string;
  /** When this service recorded it. */
  readonly createdAt: string;
  /** Signed proof; absent for a hold. */
  readonly receipt?: string;
}

/** A request with what was recorded about it since; the parts never change. */
export interface ApprovalRecord {
  readonly request: RequestRecord;
  readonly hold?: DecisionRecord;
  readonly decision?: DecisionRecord;
}

/** Longest time in milliseconds that a request may wait for its decision. */
export const maxWaitMs = 24 * 60 * 60 * 1000;

/** The recorded status: a decision beats a hold, a hold beats waiting. Whether the time has run out is not looked at. */
export function recordedStatusOf(record: ApprovalRecord): ApprovalStatus {
  if (record.decision !== undefined) return record.decision.decision.decision;
  return record.hold === undefined ? 'pending' : 'held';
}

/** The status at a moment: a request that nobody decided or held in time counts as `timeout`. */
export function statusAt(record: ApprovalRecord, now: Date): ApprovalStatus {
  const status = recordedStatusOf(record);
  return status === 'pending' && Date.parse(record.request.input.expiresAt) <= now.getTime() ? 'timeout' : status;
}

/** The approval as clients see it at a moment. */
export function toApproval(record: ApprovalRecord, now: Date): Approval {
  const { request, hold, decision } = record;
  const last = decision ?? hold;
  return {
    ...request.input,
    tenantId: request.tenantId,
    userId: request.userId,
    status: statusAt(record, now),
    createdAt: request.createdAt,
    updatedAt: last?.createdAt ?? request.createdAt,
    ...(last === undefined ? {} : { decision: last.decision, decidedBy: last.decidedBy }),
    ...(decision?.receipt === undefined ? {} : { receipt: decision.receipt }),
  };
}
