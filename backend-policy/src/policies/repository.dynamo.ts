import { StewardError } from '@steward/sdk';
import { absent, cancelReasonsOf, pingTable, scanTenants, scopedTable } from '@steward/service-kit';
import type {
  DynamoDeps,
  Page,
  PageRequest,
  ScopedTable,
  ScopedWrite,
  SystemScope,
  TenantScope,
} from '@steward/service-kit';
import type { PolicyVersion, TenantPolicyState } from './policy.ts';
import type { PolicyRecord, PolicyRepository, RecordQuery } from './repository.ts';

const stateKey = 'state';

/** Policies in DynamoDB: one partition per tenant, SK `version` (`v` and ten digits), and one item `state`. */
export class DynamoPolicyRepository implements PolicyRepository {
  readonly #deps: DynamoDeps;

  /** The client stays the caller's. */
  constructor(deps: DynamoDeps) {
    this.#deps = deps;
  }

  async state(scope: TenantScope): Promise<TenantPolicyState | undefined> {
    const item = await this.#table(scope).get({ id: [], sort: stateKey });
    return item === undefined ? undefined : (JSON.parse(String(item['body'])) as TenantPolicyState);
  }

  async get(scope: TenantScope, version: number): Promise<PolicyVersion | undefined> {
    const item = await this.#table(scope).get({ id: [], sort: versionKey(version) });
    return item === undefined ? undefined : versionOf(item);
  }

  async list(scope: TenantScope, page: PageRequest): Promise<Page<PolicyVersion>> {
    const query = {
      id: [],
      and: 'begins_with(#version, :prefix)',
      names: { '#version': 'version' },
      values: { ':prefix': 'v' },
      newestFirst: true,
    };
    const found = await this.#table(scope).queryPage(query, page);
    return { ...found, items: found.items.map(versionOf) };
  }

  async commit(
    scope: TenantScope,
    state: TenantPolicyState,
    versions: readonly PolicyVersion[],
    records: readonly PolicyRecord[] = [],
  ): Promise<void> {
    const table = this.#table(scope);
    const put = (
      version: string,
      value: { readonly createdAt?: string; readonly updatedAt: string },
      extra: object = {},
      options: Parameters<ScopedTable['put']>[3] = {},
    ): ScopedWrite => {
      const row = {
        tenantId: state.tenantId,
        version,
        body: JSON.stringify(value),
        createdAt: value.createdAt ?? value.updatedAt,
        updatedAt: value.updatedAt,
        ...extra,
      };
      return table.put(row, [], {}, options);
    };
    const guard =
      state.revision === 1
        ? { condition: absent }
        : { condition: 'revision = :expected', values: { ':expected': state.revision - 1 } };
    const stateValue = { ...state, updatedAt: state.killSwitch.updatedAt };
    try {
      await table.runTogether([
        put(stateKey, stateValue, { revision: state.revision }, guard),
        ...versions.map((version) => put(versionKey(version.version), version)),
        ...records.map((record) => writeOf(table, scope, record)),
      ]);
    } catch (error) {
      if (cancelReasonsOf(error) === undefined) throw error;
      throw new StewardError('CONFLICT', 'The policy was changed by somebody else meanwhile; load it and try again.', {
        cause: error,
      });
    }
  }

  async record(scope: TenantScope, key: string): Promise<unknown> {
    const item = await this.#table(scope).get({ id: [], sort: key });
    return item === undefined ? undefined : JSON.parse(String(item['body']));
  }

  async records(scope: TenantScope, { prefix, after, limit, newestFirst }: RecordQuery): Promise<PolicyRecord[]> {
    const found: PolicyRecord[] = [];
    const query = {
      id: [],
      and: 'begins_with(#version, :prefix)',
      names: { '#version': 'version' },
      values: { ':prefix': prefix },
      newestFirst: newestFirst === true,
      ...(after === undefined ? {} : { after: { id: [], sort: after } }),
      pageSize: limit,
    };
    for await (const item of this.#table(scope).query(query)) {
      if (found.length === limit) break;
      found.push({ key: String(item['version']), body: JSON.parse(String(item['body'])) });
    }
    return found;
  }

  async putRecord(scope: TenantScope, record: PolicyRecord): Promise<void> {
    const table = this.#table(scope);
    await table.run(writeOf(table, scope, record));
  }

  async *tenants(scope: SystemScope): AsyncIterable<string> {
    const states = { condition: '#version = :state', names: { '#version': 'version' }, values: { ':state': stateKey } };
    for await (const { tenantId } of scanTenants(this.#deps, 'policies', scope, states)) yield String(tenantId);
  }

  async *recordsOfAll(scope: SystemScope, prefix: string): AsyncIterable<PolicyRecord> {
    const own = {
      condition: 'begins_with(#version, :prefix)',
      names: { '#version': 'version' },
      values: { ':prefix': prefix },
    };
    for await (const item of scanTenants(this.#deps, 'policies', scope, own))
      yield { key: String(item['version']), body: JSON.parse(String(item['body'])) };
  }

  check(): Promise<void> {
    return pingTable(this.#deps, 'policies');
  }

  #table(scope: TenantScope): ScopedTable {
    return scopedTable(this.#deps, 'policies', scope);
  }
}

function writeOf(table: ScopedTable, scope: TenantScope, { key, body }: PolicyRecord): ScopedWrite {
  if (body === undefined) return table.delete({ id: [], sort: key });
  return table.put({ tenantId: scope.tenantId, version: key, body: JSON.stringify(body) }, []);
}

function versionKey(version: number): string {
  return `v${String(version).padStart(10, '0')}`;
}

function versionOf(item: Record<string, unknown>): PolicyVersion {
  return JSON.parse(String(item['body'])) as PolicyVersion;
}
