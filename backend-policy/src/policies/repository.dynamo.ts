import { GetCommand, QueryCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { StewardError } from '@steward/sdk';
import { isConditionFailed } from '@steward/service-kit';
import type { PolicyVersion, TenantPolicyState } from './policy.ts';
import type { PolicyList, PolicyRepository } from './repository.ts';

const stateKey = 'state';

/** Policies in DynamoDB: PK `tenantId`, SK `version` (`v` and ten digits), and one item `state` per tenant. */
export class DynamoPolicyRepository implements PolicyRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  /** @param table full name with the environment's prefix; the client stays the caller's. */
  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async state(tenantId: string): Promise<TenantPolicyState | undefined> {
    const item = await this.#item(tenantId, stateKey);
    return item === undefined ? undefined : (JSON.parse(String(item['body'])) as TenantPolicyState);
  }

  async get(tenantId: string, version: number): Promise<PolicyVersion | undefined> {
    const item = await this.#item(tenantId, versionKey(version));
    return item === undefined ? undefined : versionOf(item);
  }

  async list(tenantId: string, page: { limit: number; before?: number }): Promise<PolicyList> {
    const { Items = [] } = await this.#client.send(
      new QueryCommand({
        TableName: this.#table,
        KeyConditionExpression: 'tenantId = :tenantId AND #version BETWEEN :first AND :last',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: {
          ':tenantId': tenantId,
          ':first': versionKey(1),
          ':last': page.before === undefined ? versionKey(9_999_999_999) : versionKey(page.before - 1),
        },
        ScanIndexForward: false,
        ConsistentRead: true,
        Limit: page.limit + 1,
      }),
    );
    const items = Items.slice(0, page.limit).map(versionOf);
    const last = items.at(-1);
    return Items.length > page.limit && last !== undefined ? { items, nextVersion: last.version } : { items };
  }

  async commit(state: TenantPolicyState, versions: readonly PolicyVersion[]): Promise<void> {
    const isNew = state.revision === 1;
    const put = (version: string, value: { readonly createdAt?: string; readonly updatedAt: string }, extra: object) => ({
      Put: {
        TableName: this.#table,
        Item: { tenantId: state.tenantId, version, body: JSON.stringify(value), createdAt: value.createdAt ?? value.updatedAt, updatedAt: value.updatedAt, ...extra },
      },
    });
    const statePut = put(stateKey, { ...state, updatedAt: state.killSwitch.updatedAt }, { revision: state.revision });
    const guarded = {
      Put: {
        ...statePut.Put,
        ConditionExpression: isNew ? 'attribute_not_exists(tenantId)' : 'revision = :expected',
        ...(isNew ? {} : { ExpressionAttributeValues: { ':expected': state.revision - 1 } }),
      },
    };
    try {
      await this.#client.send(
        new TransactWriteCommand({ TransactItems: [guarded, ...versions.map((version) => put(versionKey(version.version), version, {}))] }),
      );
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
      throw new StewardError('CONFLICT', 'The policy was changed by somebody else meanwhile; load it and try again.', { cause: error });
    }
  }

  async check(): Promise<void> {
    await this.#item('readiness', stateKey);
  }

  async #item(tenantId: string, version: string): Promise<Record<string, unknown> | undefined> {
    const { Item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: { tenantId, version }, ConsistentRead: true }),
    );
    return Item;
  }
}

function versionKey(version: number): string {
  return `v${String(version).padStart(10, '0')}`;
}

function versionOf(item: Record<string, unknown>): PolicyVersion {
  return JSON.parse(String(item['body'])) as PolicyVersion;
}
