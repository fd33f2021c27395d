import { pageOf } from '@steward/service-kit';
import type { Page, PageRequest } from '@steward/service-kit';
import { maxWaitMs, recordedStatusOf } from './approval.ts';
import type { ApprovalRecord, ApprovalStatus, DecisionRecord, RequestRecord } from './approval.ts';
import type { ApprovalRepository } from './repository.ts';

const newestFirst = (a: string, b: string): number => (a < b ? 1 : a > b ? -1 : 0);

/** Approvals inside this process; clones on the way in and out, as a real store does. */
export class MemoryApprovalRepository implements ApprovalRepository {
  readonly #records = new Map<string, ApprovalRecord>();

  async appendRequest(request: RequestRecord, decision?: DecisionRecord): Promise<boolean> {
    const { approvalId } = request.input;
    if (this.#records.has(approvalId)) return false;
    this.#records.set(approvalId, structuredClone({ request, ...(decision === undefined ? {} : { decision }) }));
    return true;
  }

  async appendHold(tenantId: string, approvalId: string, hold: DecisionRecord): Promise<boolean> {
    return this.#append(tenantId, approvalId, 'hold', hold);
  }

  async appendDecision(tenantId: string, approvalId: string, decision: DecisionRecord): Promise<boolean> {
    return this.#append(tenantId, approvalId, 'decision', decision);
  }

  async get(tenantId: string, approvalId: string): Promise<ApprovalRecord | undefined> {
    const record = this.#records.get(approvalId);
    return record?.request.tenantId === tenantId ? structuredClone(record) : undefined;
  }

  async listBySession(
    tenantId: string,
    sessionId: string,
    page: PageRequest,
    keep: (record: ApprovalRecord) => boolean,
  ): Promise<Page<ApprovalRecord>> {
    return this.#page(
      tenantId,
      page,
      (record) => record.request.input.sessionId === sessionId && keep(record),
      (record) => record.request.createdAt,
    );
  }

  async listByStatus(
    tenantId: string,
    status: ApprovalStatus,
    page: PageRequest,
    keep: (record: ApprovalRecord) => boolean,
    now: Date,
  ): Promise<Page<ApprovalRecord>> {
    const oldest = new Date(now.getTime() - maxWaitMs).toISOString();
    const isRecent = (record: ApprovalRecord): boolean => status !== 'pending' || record.request.createdAt >= oldest;
    return this.#page(
      tenantId,
      page,
      (record) => recordedStatusOf(record) === status && isRecent(record) && keep(record),
      reachedAt,
    );
  }

  #append(tenantId: string, approvalId: string, part: 'hold' | 'decision', value: DecisionRecord): boolean {
    const record = this.#records.get(approvalId);
    if (record?.request.tenantId !== tenantId || record[part] !== undefined) return false;
    this.#records.set(approvalId, { ...record, [part]: structuredClone(value) });
    return true;
  }

  #page(
    tenantId: string,
    page: PageRequest,
    keep: (record: ApprovalRecord) => boolean,
    timeOf: (record: ApprovalRecord) => string,
  ): Page<ApprovalRecord> {
    const keyOf = (record: ApprovalRecord): string => `${timeOf(record)} ${record.request.input.approvalId}`;
    const records = [...this.#records.values()]
      .filter((record) => record.request.tenantId === tenantId && keep(record))
      .sort((a, b) => newestFirst(keyOf(a), keyOf(b)));
    return structuredClone(pageOf(records, page, keyOf, newestFirst));
  }
}

function reachedAt(record: ApprovalRecord): string {
  return (record.decision ?? record.hold ?? record.request).createdAt;
}
