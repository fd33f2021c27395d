import { GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { StewardError } from '@steward/sdk';
import { cancelReasonsOf, queryPage, tableName } from '@steward/service-kit';
import type { DynamoDeps, Page, PageRequest } from '@steward/service-kit';
import type { PolicyVersion, TenantPolicyState } from './policy.ts';
import type { PolicyRepository } from './repository.ts';

const stateKey = 'state';

/** Policies in DynamoDB: PK `tenantId`, SK `version` (`v` and ten digits), and one item `state` per tenant. */
export class DynamoPolicyRepository implements PolicyRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  /** The client stays the caller's. */
  constructor({ client, env }: DynamoDeps) {
    this.#client = client;
    this.#table = tableName(env, 'policies');
  }

  async state(tenantId: string): Promise<TenantPolicyState | undefined> {
    const item = await this.#item(tenantId, stateKey);
    return item === undefined ? undefined : (JSON.parse(String(item['body'])) as TenantPolicyState);
  }

  async get(tenantId: string, version: number): Promise<PolicyVersion | undefined> {
    const item = await this.#item(tenantId, versionKey(version));
    return item === undefined ? undefined : versionOf(item);
  }

  async list(tenantId: string, page: PageRequest): Promise<Page<PolicyVersion>> {
    const found = await queryPage<Record<string, unknown>>(
      this.#client,
      {
        TableName: this.#table,
        KeyConditionExpression: 'tenantId = :tenantId AND begins_with(#version, :prefix)',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':tenantId': tenantId, ':prefix': 'v' },
        ScanIndexForward: false,
        ConsistentRead: true,
      },
      page,
      (item) => ({ tenantId, version: item['version'] }),
    );
    return { ...found, items: found.items.map(versionOf) };
  }

  async commit(state: TenantPolicyState, versions: readonly PolicyVersion[]): Promise<void> {
    const isNew = state.revision === 1;
    const put = (
      version: string,
      value: { readonly createdAt?: string; readonly updatedAt: string },
      extra: object,
    ) => ({
      Put: {
        TableName: this.#table,
        Item: {
          tenantId: state.tenantId,
          version,
          body: JSON.stringify(value),
          createdAt: value.createdAt ?? value.updatedAt,
          updatedAt: value.updatedAt,
          ...extra,
        },
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
        new TransactWriteCommand({
          TransactItems: [guarded, ...versions.map((version) => put(versionKey(version.version), version, {}))],
        }),
      );
    } catch (error) {
      if (cancelReasonsOf(error) === undefined) throw error;
      throw new StewardError('CONFLICT', 'The policy was changed by somebody else meanwhile; load it and try again.', {
        cause: error,
      });
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
