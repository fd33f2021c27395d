import { StewardError } from '@steward/sdk';
import { pageOf } from '@steward/service-kit';
import type { Page, PageRequest } from '@steward/service-kit';
import type { PolicyVersion, TenantPolicyState } from './policy.ts';
import type { PolicyRepository } from './repository.ts';

/** Policies in this process; nothing survives it. */
export class MemoryPolicyRepository implements PolicyRepository {
  readonly #states = new Map<string, TenantPolicyState>();
  readonly #versions = new Map<string, Map<number, PolicyVersion>>();

  async state(tenantId: string): Promise<TenantPolicyState | undefined> {
    return structuredClone(this.#states.get(tenantId));
  }

  async get(tenantId: string, version: number): Promise<PolicyVersion | undefined> {
    return structuredClone(this.#versions.get(tenantId)?.get(version));
  }

  async list(tenantId: string, page: PageRequest): Promise<Page<PolicyVersion>> {
    const newestFirst = (one: string, other: string): number => Number(other) - Number(one);
    const all = [...(this.#versions.get(tenantId)?.values() ?? [])].sort((one, other) => other.version - one.version);
    return structuredClone(pageOf(all, page, (item) => String(item.version), newestFirst));
  }

  async commit(state: TenantPolicyState, versions: readonly PolicyVersion[]): Promise<void> {
    if ((this.#states.get(state.tenantId)?.revision ?? 0) !== state.revision - 1) {
      throw new StewardError('CONFLICT', 'The policy was changed by somebody else meanwhile; load it and try again.');
    }
    this.#states.set(state.tenantId, structuredClone(state));
    const stored = this.#versions.get(state.tenantId) ?? new Map<number, PolicyVersion>();
    for (const version of versions) stored.set(version.version, structuredClone(version));
    this.#versions.set(state.tenantId, stored);
  }

  async check(): Promise<void> {}
}
