import type { PolicyChangeRecord, PolicyContent } from '@steward/contracts';
import { StewardError } from '@steward/sdk';
import type { Page, PageRequest, TenantScope } from '@steward/service-kit';
import { PolicyDrafts } from './drafts.ts';
import { changeHistory } from './history.ts';
import type { PolicyVersion, TenantPolicyState } from './policy.ts';
import { PolicyPublishing } from './publishing.ts';
import type { PolicyRepository } from './repository.ts';
import { PolicyRevoking } from './revoking.ts';
import { TenantChanges } from './tenant-changes.ts';
import type { TenantChangesDeps } from './tenant-changes.ts';

/** What is in force for a tenant. */
export interface ActivePolicy {
  readonly content: PolicyContent;
  readonly state: TenantPolicyState;
}

/** The policies of each tenant: what is in force and kept, and the parts that change it. */
export class PolicyAdministration {
  readonly drafts: PolicyDrafts;
  readonly publishing: PolicyPublishing;
  readonly revoking: PolicyRevoking;
  readonly #policies: PolicyRepository;
  readonly #changes: TenantChanges;

  constructor(deps: TenantChangesDeps) {
    this.#policies = deps.policies;
    this.#changes = new TenantChanges(deps);
    this.drafts = new PolicyDrafts(this.#changes);
    this.publishing = new PolicyPublishing(this.#changes, deps.policies);
    this.revoking = new PolicyRevoking(this.#changes, deps.policies);
  }

  /** The policy in force; a tenant without one begins with the initial policy as version 1. */
  async active(scope: TenantScope): Promise<ActivePolicy> {
    const state = await this.#changes.state(scope);
    const version = await this.#policies.get(scope, state.activeVersion);
    if (version === undefined) {
      throw new StewardError(
        'POLICY_BUNDLE_INVALID',
        `Active policy version ${state.activeVersion} is missing; publish another version.`,
      );
    }
    return { content: version.content, state };
  }

  async list(
    scope: TenantScope,
    { status, ...page }: PageRequest & { status?: PolicyVersion['status'] },
  ): Promise<Page<PolicyVersion>> {
    await this.#changes.state(scope);
    const found = await this.#policies.list(scope, page);
    if (status === undefined) return found;
    return { ...found, items: found.items.filter((version) => version.status === status) };
  }

  /** @throws NOT_FOUND */
  get(scope: TenantScope, version: number): Promise<PolicyVersion> {
    return this.#changes.get(scope, version);
  }

  /** Who changed what, when and why; newest first. */
  history(scope: TenantScope, page: PageRequest): Promise<Page<PolicyChangeRecord>> {
    return changeHistory(this.#policies, scope, page);
  }
}
