import { StewardError } from '@steward/sdk';
import { ScopedMap, pageOf } from '@steward/service-kit';
import type { Page, PageRequest, SystemScope, TenantScope } from '@steward/service-kit';
import type { PolicyVersion, TenantPolicyState } from './policy.ts';
import type { PolicyRecord, PolicyRepository, RecordQuery } from './repository.ts';

/** Policies in this process; nothing survives it. */
export class MemoryPolicyRepository implements PolicyRepository {
  readonly #states = new ScopedMap<TenantPolicyState>();
  readonly #versions = new ScopedMap<{ readonly tenantId: string; readonly version: PolicyVersion }>();
  readonly #records = new ScopedMap<{ readonly tenantId: string; readonly record: PolicyRecord }>();

  async state(scope: TenantScope): Promise<TenantPolicyState | undefined> {
    return this.#states.get(scope);
  }

  async get(scope: TenantScope, version: number): Promise<PolicyVersion | undefined> {
    return this.#versions.get(scope, String(version))?.version;
  }

  async list(scope: TenantScope, page: PageRequest): Promise<Page<PolicyVersion>> {
    const newestFirst = (one: string, other: string): number => Number(other) - Number(one);
    const all = this.#versions.values(scope).map(({ version }) => version);
    all.sort((one, other) => other.version - one.version);
    return pageOf(all, page, (item) => String(item.version), newestFirst);
  }

  async commit(
    scope: TenantScope,
    state: TenantPolicyState,
    versions: readonly PolicyVersion[],
    records: readonly PolicyRecord[] = [],
  ): Promise<void> {
    if ((this.#states.get(scope)?.revision ?? 0) !== state.revision - 1) {
      throw new StewardError('CONFLICT', 'The policy was changed by somebody else meanwhile; load it and try again.');
    }
    this.#states.set(scope, state);
    const { tenantId } = state;
    for (const version of versions) this.#versions.set(scope, { tenantId, version }, String(version.version));
    for (const record of records) await this.putRecord(scope, record);
  }

  async record(scope: TenantScope, key: string): Promise<unknown> {
    return this.#records.get(scope, key)?.record.body;
  }

  async records(scope: TenantScope, query: RecordQuery): Promise<PolicyRecord[]> {
    const { prefix, after, limit, newestFirst = false } = query;
    const direction = newestFirst ? -1 : 1;
    return this.#records
      .values(scope)
      .map(({ record }) => record)
      .filter(({ key }) => key.startsWith(prefix) && (after === undefined || compare(key, after) * direction > 0))
      .sort((one, other) => compare(one.key, other.key) * direction)
      .slice(0, limit);
  }

  async putRecord(scope: TenantScope, record: PolicyRecord): Promise<void> {
    if (record.body === undefined) this.#records.delete(scope, record.key);
    else this.#records.set(scope, { tenantId: scope.tenantId, record }, record.key);
  }

  async *tenants(scope: SystemScope): AsyncIterable<string> {
    scope.assertMayRead('scans', 'policies');
    for (const { tenantId } of this.#states.allTenants()) yield tenantId;
  }

  async *recordsOfAll(scope: SystemScope, prefix: string): AsyncIterable<PolicyRecord> {
    scope.assertMayRead('scans', 'policies');
    for (const { record } of this.#records.allTenants()) if (record.key.startsWith(prefix)) yield record;
  }

  async check(): Promise<void> {}
}

function compare(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
