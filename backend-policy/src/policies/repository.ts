import type { Page, PageRequest, SystemScope, TenantScope } from '@steward/service-kit';
import type { PolicyVersion, TenantPolicyState } from './policy.ts';

/** A row beside the versions: a change, a revocation, a simulation. Its key sorts it within its tenant. */
export interface PolicyRecord {
  /** Begins with a letter that tells the kind; never `v` or `state`, which are the versions' and the state's. */
  readonly key: string;
  /** Plain JSON; undefined removes the row. */
  readonly body: unknown;
}

/** Which rows beside the versions are asked for, by the order of their keys. */
export interface RecordQuery {
  readonly prefix: string;
  /** Only rows behind this key, in the direction asked for. */
  readonly after?: string;
  readonly limit: number;
  readonly newestFirst?: boolean;
}

/**
 * Where policies are kept, one tenant apart from the other. Reads are consistent. A change of state and the versions
 * that go with it are stored together or not at all. A state of another tenant than the scope's is refused.
 */
export interface PolicyRepository {
  state(scope: TenantScope): Promise<TenantPolicyState | undefined>;
  get(scope: TenantScope, version: number): Promise<PolicyVersion | undefined>;
  /** Newest first. */
  list(scope: TenantScope, page: PageRequest): Promise<Page<PolicyVersion>>;
  /**
   * Stores the state if the stored revision is still `state.revision - 1` (0: none yet) and, with it, the given
   * versions (new ones and those whose status changes) and rows. CONFLICT when another change came first.
   */
  commit(
    scope: TenantScope,
    state: TenantPolicyState,
    versions: readonly PolicyVersion[],
    records?: readonly PolicyRecord[],
  ): Promise<void>;
  record(scope: TenantScope, key: string): Promise<unknown>;
  records(scope: TenantScope, query: RecordQuery): Promise<PolicyRecord[]>;
  /** Stores or removes one row by itself. */
  putRecord(scope: TenantScope, record: PolicyRecord): Promise<void>;
  /** Every tenant that has a policy; for jobs that go through all of them. */
  tenants(scope: SystemScope): AsyncIterable<string>;
  /** Every row of the tenants whose key begins with the prefix, in no order; for jobs. */
  recordsOfAll(scope: SystemScope, prefix: string): AsyncIterable<PolicyRecord>;
  /** Answers when the store can be reached; throws otherwise. */
  check(): Promise<void>;
}
