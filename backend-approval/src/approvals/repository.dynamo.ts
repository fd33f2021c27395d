import { BatchGetCommand, PutCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import {
  cancelReasonsOf,
  compositeKey,
  isConditionFailed,
  queryPage,
  retryContention,
  tableName,
} from '@steward/service-kit';
import type { DynamoDeps, Page, PageRequest } from '@steward/service-kit';
import { maxWaitMs, recordedStatusOf } from './approval.ts';
import type { ApprovalRecord, ApprovalStatus, DecisionRecord, RequestRecord } from './approval.ts';
import type { ApprovalRepository } from './repository.ts';

/**
 * One item per record: `appr_…` is the request, `appr_…#hold` and `appr_…#decision` what came after. Items are only
 * put under the condition that they do not exist. Each carries the status it led to (`tenantStatus`), so an index by
 * status also lists approvals that have moved on; those are left out when the parts are read.
 */
interface Item {
  readonly approvalId: string;
  readonly tenantId: string;
  readonly tenantStatus: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Requests only, so that the index by session holds nothing else. */
  readonly sessionId?: string;
  readonly record: RequestRecord | DecisionRecord;
}

const absent = 'attribute_not_exists(approvalId)';

/** Approvals in the table `approvals`. */
export class DynamoApprovalRepository implements ApprovalRepository {
  readonly #deps: DynamoDeps;
  readonly #table: string;

  constructor(deps: DynamoDeps) {
    this.#deps = deps;
    this.#table = tableName(deps.env, 'approvals');
  }

  async appendRequest(request: RequestRecord, decision?: DecisionRecord): Promise<boolean> {
    const { approvalId, sessionId } = request.input;
    const item: Item = { ...this.#itemOf(request.tenantId, approvalId, 'pending', request), sessionId };
    const items = [
      item,
      ...(decision === undefined ? [] : [this.#decisionItem(request.tenantId, approvalId, decision)]),
    ];
    try {
      await retryContention(() =>
        this.#deps.client.send(
          new TransactWriteCommand({
            TransactItems: items.map((Item) => ({
              Put: { TableName: this.#table, Item, ConditionExpression: absent },
            })),
          }),
        ),
      );
      return true;
    } catch (error) {
      if (cancelReasonsOf(error)?.includes('ConditionalCheckFailed')) return false;
      throw error;
    }
  }

  async appendHold(tenantId: string, approvalId: string, hold: DecisionRecord): Promise<boolean> {
    if ((await this.get(tenantId, approvalId)) === undefined) return false;
    return this.#put(this.#itemOf(tenantId, `${approvalId}#hold`, 'held', hold));
  }

  async appendDecision(tenantId: string, approvalId: string, decision: DecisionRecord): Promise<boolean> {
    // Requests never go away, so one that is there now is there at the put.
    if ((await this.get(tenantId, approvalId)) === undefined) return false;
    return this.#put(this.#decisionItem(tenantId, approvalId, decision));
  }

  async get(tenantId: string, approvalId: string): Promise<ApprovalRecord | undefined> {
    return (await this.#load(tenantId, [approvalId])).get(approvalId);
  }

  listBySession(
    tenantId: string,
    sessionId: string,
    page: PageRequest,
    keep: (record: ApprovalRecord) => boolean,
  ): Promise<Page<ApprovalRecord>> {
    const query = {
      IndexName: 'bySession',
      KeyConditionExpression: 'sessionId = :key',
      ExpressionAttributeValues: { ':key': sessionId },
    };
    return this.#list(tenantId, query, page, keep, ({ sessionId: key }) => ({ sessionId: key }));
  }

  listByStatus(
    tenantId: string,
    status: ApprovalStatus,
    page: PageRequest,
    keep: (record: ApprovalRecord) => boolean,
    now: Date,
  ): Promise<Page<ApprovalRecord>> {
    const oldest = status === 'pending' ? new Date(now.getTime() - maxWaitMs).toISOString() : '';
    const query = {
      IndexName: 'byTenantStatus',
      KeyConditionExpression: `tenantStatus = :key${oldest === '' ? '' : ' AND createdAt >= :oldest'}`,
      ExpressionAttributeValues: {
        ':key': compositeKey(tenantId, status),
        ...(oldest === '' ? {} : { ':oldest': oldest }),
      },
    };
    const isCurrent = (record: ApprovalRecord): boolean => recordedStatusOf(record) === status && keep(record);
    return this.#list(tenantId, query, page, isCurrent, ({ tenantStatus }) => ({ tenantStatus }));
  }

  async #list(
    tenantId: string,
    query: { IndexName: string; KeyConditionExpression: string; ExpressionAttributeValues: Record<string, unknown> },
    page: PageRequest,
    keep: (record: ApprovalRecord) => boolean,
    indexKeyOf: (item: Item) => Record<string, unknown>,
  ): Promise<Page<ApprovalRecord>> {
    const records = new Map<string, ApprovalRecord>();
    const select = async (items: Item[]): Promise<Item[]> => {
      const loaded = await this.#load(tenantId, items.map(baseIdOf));
      return items.filter((item) => {
        const record = loaded.get(baseIdOf(item));
        if (record === undefined || !keep(record)) return false;
        records.set(item.approvalId, record);
        return true;
      });
    };
    const found = await queryPage<Item>(
      this.#deps.client,
      { TableName: this.#table, ScanIndexForward: false, ...query },
      page,
      (item) => ({ approvalId: item.approvalId, createdAt: item.createdAt, ...indexKeyOf(item) }),
      select,
    );
    return { ...found, items: found.items.flatMap((item) => records.get(item.approvalId) ?? []) };
  }

  async #load(tenantId: string, approvalIds: string[]): Promise<Map<string, ApprovalRecord>> {
    const keys = [...new Set(approvalIds)].flatMap((id) => [id, `${id}#hold`, `${id}#decision`]);
    const items = new Map<string, Item>();
    for (let start = 0; start < keys.length; start += 99) {
      for (const item of await this.#batchGet(keys.slice(start, start + 99))) items.set(item.approvalId, item);
    }
    const records = new Map<string, ApprovalRecord>();
    for (const id of approvalIds) {
      const request = items.get(id);
      if (request?.tenantId !== tenantId) continue;
      const hold = items.get(`${id}#hold`)?.record as DecisionRecord | undefined;
      const decision = items.get(`${id}#decision`)?.record as DecisionRecord | undefined;
      records.set(id, {
        request: request.record as RequestRecord,
        ...(hold === undefined ? {} : { hold }),
        ...(decision === undefined ? {} : { decision }),
      });
    }
    return records;
  }

  async #batchGet(approvalIds: string[]): Promise<Item[]> {
    const items: Item[] = [];
    let keys: Record<string, unknown>[] = approvalIds.map((approvalId) => ({ approvalId }));
    while (keys.length > 0) {
      const request = { RequestItems: { [this.#table]: { Keys: keys, ConsistentRead: true } } };
      const answer = await this.#deps.client.send(new BatchGetCommand(request));
      items.push(...((answer.Responses?.[this.#table] ?? []) as Item[]));
      keys = answer.UnprocessedKeys?.[this.#table]?.Keys ?? [];
    }
    return items;
  }

  async #put(item: Item): Promise<boolean> {
    try {
      await retryContention(() =>
        this.#deps.client.send(new PutCommand({ TableName: this.#table, Item: item, ConditionExpression: absent })),
      );
      return true;
    } catch (error) {
      if (isConditionFailed(error)) return false;
      throw error;
    }
  }

  #decisionItem(tenantId: string, approvalId: string, decision: DecisionRecord): Item {
    return this.#itemOf(tenantId, `${approvalId}#decision`, decision.decision.decision, decision);
  }

  #itemOf(tenantId: string, approvalId: string, status: string, record: RequestRecord | DecisionRecord): Item {
    const { createdAt } = record;
    return {
      approvalId,
      tenantId,
      tenantStatus: compositeKey(tenantId, status),
      createdAt,
      updatedAt: createdAt,
      record,
    };
  }
}

function baseIdOf(item: Item): string {
  return item.approvalId.split('#')[0] ?? item.approvalId;
}
