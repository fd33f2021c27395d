import type { Page, PageRequest } from '@steward/service-kit';
import type { PolicyVersion, TenantPolicyState } from './policy.ts';

/**
 * Where policies are kept, one tenant apart from the other. Reads are consistent. A change of state and the versions
 * that go with it are stored together or not at all.
 */
export interface PolicyRepository {
  state(tenantId: string): Promise<TenantPolicyState | undefined>;
  get(tenantId: string, version: number): Promise<PolicyVersion | undefined>;
  /** Newest first. */
  list(tenantId: string, page: PageRequest): Promise<Page<PolicyVersion>>;
  /**
   * Stores the state if the stored revision is still `state.revision - 1` (0: none yet) and, with it, the given
   * versions (new ones and those whose status changes). CONFLICT when another change came first.
   */
  commit(state: TenantPolicyState, versions: readonly PolicyVersion[]): Promise<void>;
  /** Answers when the store can be reached; throws otherwise. */
  check(): Promise<void>;
}
