import type { PolicyVersion, TenantPolicyState } from './policy.ts';

/** A page of versions, newest first. */
export interface PolicyList {
  readonly items: readonly PolicyVersion[];
  readonly nextVersion?: number;
}

/**
 * Where policies are kept, one tenant apart from the other. Reads are consistent. A change of state and the versions
 * that go with it are stored together or not at all.
 */
export interface PolicyRepository {
  state(tenantId: string): Promise<TenantPolicyState | undefined>;
  get(tenantId: string, version: number): Promise<PolicyVersion | undefined>;
  /** Versions below `before` (all when left out), newest first. */
  list(tenantId: string, page: { limit: number; before?: number }): Promise<PolicyList>;
  /**
   * Stores the state if the stored revision is still `state.revision - 1` (0: none yet) and, with it, the given
   * versions (new ones and those whose status changes). CONFLICT when another change came first.
   */
  commit(state: TenantPolicyState, versions: readonly PolicyVersion[]): Promise<void>;
  /** Answers when the store can be reached; throws otherwise. */
  check(): Promise<void>;
}
