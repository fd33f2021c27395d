import { StewardError } from '@steward/sdk';
import type { TenantScope } from '@steward/service-kit';
import { refuseProblems } from '../drafts/validate-policy.ts';
import { refuseOtherRevision } from './drafts.ts';
import type { PolicyVersion, TenantPolicyState } from './policy.ts';
import type { PolicyRepository } from './repository.ts';
import type { Author, Step, TenantChanges } from './tenant-changes.ts';

/** Why a version becomes active, and what the admin saw when deciding so. */
export interface PublishInput {
  readonly reason: string;
  readonly revision?: number;
  readonly expectedActiveVersion?: number;
}

/** Makes versions active; those before stay to be rolled back to. */
export class PolicyPublishing {
  readonly #changes: TenantChanges;
  readonly #policies: PolicyRepository;

  constructor(changes: TenantChanges, policies: PolicyRepository) {
    this.#changes = changes;
    this.#policies = policies;
  }

  /** @throws CONFLICT when the version is no draft, was changed since, or another version became active than expected */
  async publish(author: Author, version: number, input: PublishInput): Promise<PolicyVersion> {
    const { scope, userId } = author;
    return this.#changes.change(author, async (state, now) => {
      const draft = await this.#changes.get(scope, version);
      if (draft.status === 'active' && draft.publishedBy === userId && draft.reason === input.reason) return draft;
      if (draft.status !== 'draft') {
        throw new StewardError(
          'CONFLICT',
          `Policy version ${version} is ${draft.status}; only a draft can be published. Roll back to it instead.`,
        );
      }
      if (input.revision !== undefined) refuseOtherRevision(draft, input.revision);
      refuseProblems(draft.content);
      return this.#activation(scope, state, userId, draft, input, 'published', now);
    });
  }

  /** Publishes the content of an older version as a new one, so that versions only grow. */
  async rollback(author: Author, version: number, input: PublishInput): Promise<PolicyVersion> {
    const { scope, userId } = author;
    return this.#changes.change(author, async (state, now) => {
      const older = await this.#changes.get(scope, version);
      if (older.status === 'draft')
        throw new StewardError('CONFLICT', `Policy version ${version} is a draft; publish it instead.`);
      refuseProblems(older.content);
      const copy: PolicyVersion = {
        version: state.lastVersion + 1,
        status: 'draft',
        revision: 1,
        content: older.content,
        basedOnVersion: version,
        createdAt: now,
        createdBy: userId,
        updatedAt: now,
      };
      return this.#activation(scope, state, userId, copy, input, 'rolled_back', now);
    });
  }

  async #activation(
    scope: TenantScope,
    state: TenantPolicyState,
    by: string,
    version: PolicyVersion,
    input: PublishInput,
    change: 'published' | 'rolled_back',
    now: string,
  ): Promise<Step<PolicyVersion>> {
    if (input.expectedActiveVersion !== undefined && input.expectedActiveVersion !== state.activeVersion) {
      throw new StewardError(
        'CONFLICT',
        `Version ${state.activeVersion} is active, not ${input.expectedActiveVersion}; look at it, then publish again.`,
        { details: { activeVersion: state.activeVersion } },
      );
    }
    const previous = await this.#policies.get(scope, state.activeVersion);
    const { reason } = input;
    const activated: PolicyVersion = {
      ...version,
      status: 'active',
      publishedAt: now,
      publishedBy: by,
      reason,
      updatedAt: now,
    };
    const superseded: PolicyVersion[] =
      previous === undefined || previous.version === version.version
        ? []
        : [{ ...previous, status: 'superseded', updatedAt: now }];
    const bundleVersion = state.bundleVersion + 1;
    return {
      state: {
        ...state,
        lastVersion: Math.max(state.lastVersion, activated.version),
        activeVersion: activated.version,
        bundleVersion,
      },
      versions: [activated, ...superseded],
      change: { change, by, reason, version: activated.version, revision: activated.revision },
      revoked: { kind: 'policy_activated', policyBundleVersion: bundleVersion, version: activated.version },
      answersVersion: activated.version,
      result: () => activated,
    };
  }
}
