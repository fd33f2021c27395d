import type { PolicyContent } from '@steward/contracts';
import { validateBundle } from '@steward/policy-engine';
import type { Clock } from '@steward/sdk';
import { StewardError } from '@steward/sdk';
import type { Page, PageRequest } from '@steward/service-kit';
import type { PolicyChange } from './change-reporter.ts';
import type { KillSwitch, PolicyVersion, TenantPolicyState } from './policy.ts';
import type { PolicyRepository } from './repository.ts';

/** What is in force for a tenant. */
export interface ActivePolicy {
  readonly content: PolicyContent;
  readonly state: TenantPolicyState;
}

/** What the service is made of. */
export interface PolicyServiceDeps {
  readonly policies: PolicyRepository;
  /** The policy that a tenant starts with. */
  readonly initialPolicy: PolicyContent;
  readonly clock: Clock;
  /** Told of every change to what is in force, once it is stored. */
  readonly reportChange?: (change: PolicyChange) => void;
}

/** Drafts, publishing, rollback and the kill switch of each tenant. Every change is guarded against lost updates. */
export class PolicyAdministration {
  readonly #deps: PolicyServiceDeps;

  constructor(deps: PolicyServiceDeps) {
    this.#deps = deps;
  }

  /** The policy in force; a tenant without one begins with the initial policy as version 1. */
  async active(tenantId: string): Promise<ActivePolicy> {
    const state = (await this.#deps.policies.state(tenantId)) ?? (await this.#begin(tenantId));
    const version = await this.#deps.policies.get(tenantId, state.activeVersion);
    if (version === undefined) {
      throw new StewardError(
        'POLICY_BUNDLE_INVALID',
        `Active policy version ${state.activeVersion} is missing; publish another version.`,
      );
    }
    return { content: version.content, state };
  }

  async list(tenantId: string, page: PageRequest): Promise<Page<PolicyVersion>> {
    await this.active(tenantId);
    return this.#deps.policies.list(tenantId, page);
  }

  /** @throws NOT_FOUND */
  async get(tenantId: string, version: number): Promise<PolicyVersion> {
    await this.active(tenantId);
    const found = await this.#deps.policies.get(tenantId, version);
    if (found === undefined)
      throw new StewardError('NOT_FOUND', `There is no policy version ${version}.`, { details: { version } });
    return found;
  }

  /** @throws POLICY_BUNDLE_INVALID with `details.problems` when the policy contradicts itself or its examples fail */
  async createDraft(
    tenantId: string,
    by: string,
    content: PolicyContent,
    basedOnVersion?: number,
  ): Promise<PolicyVersion> {
    refuseProblems(content);
    return this.#change(tenantId, (state, now) => {
      const draft: PolicyVersion = {
        version: state.lastVersion + 1,
        status: 'draft',
        content,
        ...(basedOnVersion === undefined ? {} : { basedOnVersion }),
        createdAt: now,
        createdBy: by,
        updatedAt: now,
      };
      return { state: { ...state, lastVersion: draft.version }, versions: [draft], result: draft };
    });
  }

  /** @throws CONFLICT when the version is no draft or another version became active than the one expected */
  async publish(
    tenantId: string,
    by: string,
    version: number,
    input: { reason: string; expectedActiveVersion?: number },
  ): Promise<PolicyVersion> {
    const draft = await this.get(tenantId, version);
    if (draft.status === 'active' && draft.publishedBy === by && draft.reason === input.reason) return draft;
    if (draft.status !== 'draft') {
      throw new StewardError(
        'CONFLICT',
        `Policy version ${version} is ${draft.status}; only a draft can be published. Roll back to it instead.`,
      );
    }
    refuseProblems(draft.content);
    return this.#activate(tenantId, by, draft, input, 'published');
  }

  /** Publishes the content of an older version as a new one, so that versions only grow. */
  async rollback(
    tenantId: string,
    by: string,
    version: number,
    input: { reason: string; expectedActiveVersion?: number },
  ): Promise<PolicyVersion> {
    const older = await this.get(tenantId, version);
    if (older.status === 'draft')
      throw new StewardError('CONFLICT', `Policy version ${version} is a draft; publish it instead.`);
    refuseProblems(older.content);
    const now = this.#deps.clock.now().toISOString();
    const state = (await this.active(tenantId)).state;
    const copy: PolicyVersion = {
      version: state.lastVersion + 1,
      status: 'draft',
      content: older.content,
      basedOnVersion: version,
      createdAt: now,
      createdBy: by,
      updatedAt: now,
    };
    return this.#activate(tenantId, by, copy, input, 'rolled_back');
  }

  async killSwitch(tenantId: string): Promise<KillSwitch> {
    return (await this.active(tenantId)).state.killSwitch;
  }

  /** The same state again changes nothing. */
  async setKillSwitch(tenantId: string, by: string, active: boolean, reason: string): Promise<KillSwitch> {
    let version: number | undefined;
    const result = await this.#change(tenantId, (state, now) => {
      version = undefined;
      if (state.killSwitch.active === active && state.killSwitch.reason === reason)
        return { state: undefined, versions: [], result: state.killSwitch };
      const killSwitch: KillSwitch = { active, reason, updatedBy: by, updatedAt: now };
      version = state.activeVersion;
      return {
        state: { ...state, killSwitch, bundleVersion: state.bundleVersion + 1 },
        versions: [],
        result: killSwitch,
      };
    });
    if (version !== undefined) {
      const change = active ? 'kill_switch_on' : 'kill_switch_off';
      this.#deps.reportChange?.({ tenantId, by, change, version, reason, at: result.updatedAt });
    }
    return result;
  }

  async #activate(
    tenantId: string,
    by: string,
    version: PolicyVersion,
    input: { reason: string; expectedActiveVersion?: number },
    change: PolicyChange['change'],
  ): Promise<PolicyVersion> {
    const { state } = await this.active(tenantId);
    if (input.expectedActiveVersion !== undefined && input.expectedActiveVersion !== state.activeVersion) {
      throw new StewardError(
        'CONFLICT',
        `Version ${state.activeVersion} is active, not ${input.expectedActiveVersion}; look at it, then publish again.`,
        { details: { activeVersion: state.activeVersion } },
      );
    }
    const previous = await this.#deps.policies.get(tenantId, state.activeVersion);
    const now = this.#deps.clock.now().toISOString();
    const activated: PolicyVersion = {
      ...version,
      status: 'active',
      publishedAt: now,
      publishedBy: by,
      reason: input.reason,
      updatedAt: now,
    };
    const superseded: PolicyVersion[] =
      previous === undefined || previous.version === version.version
        ? []
        : [{ ...previous, status: 'superseded', updatedAt: now }];
    await this.#deps.policies.commit(
      {
        ...state,
        lastVersion: Math.max(state.lastVersion, activated.version),
        activeVersion: activated.version,
        bundleVersion: state.bundleVersion + 1,
        revision: state.revision + 1,
      },
      [activated, ...superseded],
    );
    this.#deps.reportChange?.({ tenantId, by, change, version: activated.version, reason: input.reason, at: now });
    return activated;
  }

  async #change<T>(
    tenantId: string,
    decide: (
      state: TenantPolicyState,
      now: string,
    ) => { state: TenantPolicyState | undefined; versions: PolicyVersion[]; result: T },
  ): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const { state } = await this.active(tenantId);
      const change = decide(state, this.#deps.clock.now().toISOString());
      if (change.state === undefined) return change.result;
      try {
        await this.#deps.policies.commit({ ...change.state, revision: state.revision + 1 }, change.versions);
        return change.result;
      } catch (error) {
        if (!isConflict(error) || attempt >= 5) throw error;
      }
    }
  }

  async #begin(tenantId: string): Promise<TenantPolicyState> {
    const now = this.#deps.clock.now().toISOString();
    const state: TenantPolicyState = {
      tenantId,
      lastVersion: 1,
      activeVersion: 1,
      bundleVersion: 1,
      killSwitch: { active: false, updatedAt: now },
      revision: 1,
    };
    const first: PolicyVersion = {
      version: 1,
      status: 'active',
      content: this.#deps.initialPolicy,
      createdAt: now,
      createdBy: 'system',
      updatedAt: now,
      publishedAt: now,
      publishedBy: 'system',
      reason: 'The policy every tenant starts with.',
    };
    try {
      await this.#deps.policies.commit(state, [first]);
      return state;
    } catch (error) {
      const other = isConflict(error) ? await this.#deps.policies.state(tenantId) : undefined;
      if (other === undefined) throw error;
      return other;
    }
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof StewardError && error.code === 'CONFLICT';
}

function refuseProblems(content: PolicyContent): void {
  const problems = validateBundle(content);
  const [first] = problems;
  if (first === undefined) return;
  throw new StewardError('POLICY_BUNDLE_INVALID', `The policy is not valid at ${first.path || '/'}: ${first.message}`, {
    details: { problems: problems.slice(0, 100), reasonCodes: ['POLICY_INVALID'] },
  });
}
