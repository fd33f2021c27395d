import type { Page, PageRequest, TenantScope } from '@steward/service-kit';
import type { ApprovalRecord, ApprovalStatus, DecisionRecord, RequestRecord } from './approval.ts';

/**
 * Append-only store of approvals. Requests, holds and decisions are separate records; none is ever changed or removed.
 * Every call is one tenant's: a record of another tenant does not exist, and none is written for another. `get` sees every acknowledged append;
 * lists may lag by a moment.
 */
export interface ApprovalRepository {
  /** Appends a request, and its decision with it, both or neither; false when the tenant has that id already. */
  appendRequest(scope: TenantScope, request: RequestRecord, decision?: DecisionRecord): Promise<boolean>;
  /** False when it is held already or there is no such request. */
  appendHold(scope: TenantScope, approvalId: string, hold: DecisionRecord): Promise<boolean>;
  /** The first decision wins: false when there is one, or no such request. */
  appendDecision(scope: TenantScope, approvalId: string, decision: DecisionRecord): Promise<boolean>;
  get(scope: TenantScope, approvalId: string): Promise<ApprovalRecord | undefined>;
  /** Newest request first. */
  listBySession(
    scope: TenantScope,
    sessionId: string,
    page: PageRequest,
    keep: (record: ApprovalRecord) => boolean,
  ): Promise<Page<ApprovalRecord>>;
  /** By recorded status, the latest to reach it first. `pending` goes back no further than a request may wait. */
  listByStatus(
    scope: TenantScope,
    status: ApprovalStatus,
    page: PageRequest,
    keep: (record: ApprovalRecord) => boolean,
    now: Date,
  ): Promise<Page<ApprovalRecord>>;
}
