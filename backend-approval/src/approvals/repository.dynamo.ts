import { absent, cancelReasonsOf, isConditionFailed, scopedTable } from '@steward/service-kit';
import type {
  DynamoDeps,
  Page,
  PageRequest,
  ScopedQuery,
  ScopedTable,
  ScopedWrite,
  TenantScope,
} from '@steward/service-kit';
import { maxWaitMs, recordedStatusOf } from './approval.ts';
import type { ApprovalRecord, ApprovalStatus, DecisionRecord, RequestRecord } from './approval.ts';
import type { ApprovalRepository } from './repository.ts';

/** What a row says beside its keys. */
interface Row {
  readonly tenantId: string;
  readonly approvalId: string;
  readonly part: Part;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** JSON text: the details of a request hold any JSON, also numbers and depths that the database has no form for. */
  readonly record: string;
}

type Part = 'request' | 'hold' | 'decision';
const parts: readonly Part[] = ['request', 'hold', 'decision'];

/**
 * Approvals in the table `approvals`: one row per record, tenant#approval#part, and rows are only put under the
 * condition that they do not exist. Each is in the index by the status it led to, so that index also lists approvals
 * that have moved on; those are left out when the parts are read. The index by session holds requests only.
 */
export class DynamoApprovalRepository implements ApprovalRepository {
  readonly #deps: DynamoDeps;

  /** The client stays the caller's. */
  constructor(deps: DynamoDeps) {
    this.#deps = deps;
  }

  async appendRequest(scope: TenantScope, request: RequestRecord, decision?: DecisionRecord): Promise<boolean> {
    const table = this.#table(scope);
    const { approvalId, sessionId } = request.input;
    const row = rowOf(request.tenantId, approvalId, 'request', request);
    const indexes = { bySession: [sessionId], byTenantStatus: ['pending'] };
    const write = table.put(row, [approvalId, 'request'], indexes, { condition: absent });
    if (decision === undefined) return putOnce(table, write);
    try {
      await table.runTogether([write, decisionWrite(table, scope, approvalId, decision)]);
      return true;
    } catch (error) {
      if (cancelReasonsOf(error)?.includes('ConditionalCheckFailed')) return false;
      throw error;
    }
  }

  async appendHold(scope: TenantScope, approvalId: string, hold: DecisionRecord): Promise<boolean> {
    const table = this.#table(scope);
    if ((await this.get(scope, approvalId)) === undefined) return false;
    const row = rowOf(scope.tenantId, approvalId, 'hold', hold);
    const indexes = { byTenantStatus: ['held'] };
    return putOnce(table, table.put(row, [approvalId, 'hold'], indexes, { condition: absent }));
  }

  async appendDecision(scope: TenantScope, approvalId: string, decision: DecisionRecord): Promise<boolean> {
    const table = this.#table(scope);
    // Requests never go away, so one that is there now is there at the put.
    if ((await this.get(scope, approvalId)) === undefined) return false;
    return putOnce(table, decisionWrite(table, scope, approvalId, decision));
  }

  async get(scope: TenantScope, approvalId: string): Promise<ApprovalRecord | undefined> {
    return (await this.#load(scope, [approvalId])).get(approvalId);
  }

  listBySession(
    scope: TenantScope,
    sessionId: string,
    page: PageRequest,
    keep: (record: ApprovalRecord) => boolean,
  ): Promise<Page<ApprovalRecord>> {
    return this.#list(scope, { index: 'bySession', id: [sessionId] }, page, keep);
  }

  listByStatus(
    scope: TenantScope,
    status: ApprovalStatus,
    page: PageRequest,
    keep: (record: ApprovalRecord) => boolean,
    now: Date,
  ): Promise<Page<ApprovalRecord>> {
    const oldest = new Date(now.getTime() - maxWaitMs).toISOString();
    const query = {
      index: 'byTenantStatus',
      id: [status],
      ...(status === 'pending' ? { and: 'createdAt >= :oldest', values: { ':oldest': oldest } } : {}),
    };
    return this.#list(scope, query, page, (record) => recordedStatusOf(record) === status && keep(record));
  }

  async #list(
    scope: TenantScope,
    query: ScopedQuery,
    page: PageRequest,
    keep: (record: ApprovalRecord) => boolean,
  ): Promise<Page<ApprovalRecord>> {
    const records = new Map<unknown, ApprovalRecord>();
    const found = await this.#table(scope).queryPage({ ...query, newestFirst: true }, page, async (rows) => {
      const loaded = await this.#load(
        scope,
        rows.map((row) => String(row['approvalId'])),
      );
      return rows.filter((row) => {
        const record = loaded.get(String(row['approvalId']));
        if (record === undefined || !keep(record)) return false;
        records.set(row, record);
        return true;
      });
    });
    return { ...found, items: found.items.flatMap((row) => records.get(row) ?? []) };
  }

  async #load(scope: TenantScope, approvalIds: string[]): Promise<Map<string, ApprovalRecord>> {
    const ids = [...new Set(approvalIds)];
    const rows = await this.#table(scope).getMany(ids.flatMap((id) => parts.map((part) => ({ id: [id, part] }))));
    const records = new Map<string, ApprovalRecord>();
    for (const id of ids) {
      const recordOf = (part: Part): unknown => {
        const text = rows.find((row) => row['approvalId'] === id && row['part'] === part)?.['record'];
        return typeof text === 'string' ? JSON.parse(text) : undefined;
      };
      const request = recordOf('request') as RequestRecord | undefined;
      if (request === undefined) continue;
      const hold = recordOf('hold') as DecisionRecord | undefined;
      const decision = recordOf('decision') as DecisionRecord | undefined;
      const record = { ...(hold === undefined ? {} : { hold }), ...(decision === undefined ? {} : { decision }) };
      records.set(id, { request, ...record });
    }
    return records;
  }

  #table(scope: TenantScope): ScopedTable {
    return scopedTable(this.#deps, 'approvals', scope);
  }
}

function decisionWrite(
  table: ScopedTable,
  { tenantId }: TenantScope,
  approvalId: string,
  decision: DecisionRecord,
): ScopedWrite {
  const row = rowOf(tenantId, approvalId, 'decision', decision);
  const indexes = { byTenantStatus: [decision.decision.decision] };
  return table.put(row, [approvalId, 'decision'], indexes, { condition: absent });
}

async function putOnce(table: ScopedTable, write: ScopedWrite): Promise<boolean> {
  try {
    await table.run(write);
    return true;
  } catch (error) {
    if (isConditionFailed(error)) return false;
    throw error;
  }
}

function rowOf(
  tenantId: string,
  approvalId: string,
  part: Part,
  record: RequestRecord | DecisionRecord,
): Row & Record<string, unknown> {
  const { createdAt } = record;
  return { tenantId, approvalId, part, createdAt, updatedAt: createdAt, record: JSON.stringify(record) };
}
