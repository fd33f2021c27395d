import { ScopedMap, pageDescending } from '@steward/service-kit';
import type { Page, PageRequest, TenantScope } from '@steward/service-kit';
import { maxWaitMs, recordedStatusOf } from './approval.ts';
import type { ApprovalRecord, ApprovalStatus, DecisionRecord, RequestRecord } from './approval.ts';
import type { ApprovalRepository } from './repository.ts';

/** Approvals inside this process; clones on the way in and out, as a real store does. */
export class MemoryApprovalRepository implements ApprovalRepository {
  readonly #rows = new ScopedMap<{ readonly tenantId: string; readonly record: ApprovalRecord }>();

  async appendRequest(scope: TenantScope, request: RequestRecord, decision?: DecisionRecord): Promise<boolean> {
    const { approvalId } = request.input;
    const { tenantId } = request;
    if (this.#rows.get(scope, approvalId) !== undefined) return false;
    const record = { request, ...(decision === undefined ? {} : { decision }) };
    this.#rows.set(scope, { tenantId, record }, approvalId);
    return true;
  }

  async appendHold(scope: TenantScope, approvalId: string, hold: DecisionRecord): Promise<boolean> {
    return this.#append(scope, approvalId, 'hold', hold);
  }

  async appendDecision(scope: TenantScope, approvalId: string, decision: DecisionRecord): Promise<boolean> {
    return this.#append(scope, approvalId, 'decision', decision);
  }

  async get(scope: TenantScope, approvalId: string): Promise<ApprovalRecord | undefined> {
    return this.#rows.get(scope, approvalId)?.record;
  }

  async listBySession(
    scope: TenantScope,
    sessionId: string,
    page: PageRequest,
    keep: (record: ApprovalRecord) => boolean,
  ): Promise<Page<ApprovalRecord>> {
    return this.#page(
      scope,
      page,
      (record) => record.request.input.sessionId === sessionId && keep(record),
      (record) => record.request.createdAt,
    );
  }

  async listByStatus(
    scope: TenantScope,
    status: ApprovalStatus,
    page: PageRequest,
    keep: (record: ApprovalRecord) => boolean,
    now: Date,
  ): Promise<Page<ApprovalRecord>> {
    const oldest = new Date(now.getTime() - maxWaitMs).toISOString();
    const isRecent = (record: ApprovalRecord): boolean => status !== 'pending' || record.request.createdAt >= oldest;
    return this.#page(
      scope,
      page,
      (record) => recordedStatusOf(record) === status && isRecent(record) && keep(record),
      reachedAt,
    );
  }

  #append(scope: TenantScope, approvalId: string, part: 'hold' | 'decision', value: DecisionRecord): boolean {
    const row = this.#rows.get(scope, approvalId);
    if (row === undefined || row.record[part] !== undefined) return false;
    this.#rows.set(scope, { ...row, record: { ...row.record, [part]: value } }, approvalId);
    return true;
  }

  #page(
    scope: TenantScope,
    page: PageRequest,
    keep: (record: ApprovalRecord) => boolean,
    timeOf: (record: ApprovalRecord) => string,
  ): Page<ApprovalRecord> {
    const keyOf = (record: ApprovalRecord): string => `${timeOf(record)} ${record.request.input.approvalId}`;
    const records = this.#rows
      .values(scope)
      .map(({ record }) => record)
      .filter(keep);
    return pageDescending(records, page, keyOf);
  }
}

function reachedAt(record: ApprovalRecord): string {
  return (record.decision ?? record.hold ?? record.request).createdAt;
}
