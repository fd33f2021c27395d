import type { PolicyContent, Revocation } from '@steward/contracts';
import type { Clock, NewId } from '@steward/sdk';
import { StewardError } from '@steward/sdk';
import type { TenantScope } from '@steward/service-kit';
import { writeChange } from './change-writer.ts';
import type { ChangeInput, PolicyVersion, RevocationDraft, TenantPolicyState } from './policy.ts';
import type { PolicyRecord, PolicyRepository } from './repository.ts';

/** What changes of a tenant's policies need. */
export interface TenantChangesDeps {
  readonly policies: PolicyRepository;
  /** The policy that a tenant starts with. */
  readonly initialPolicy: PolicyContent;
  readonly clock: Clock;
  readonly newId: NewId;
  /** Told of the tenant's scope after every change that is stored. */
  readonly onChange?: (scope: TenantScope) => void;
}

/** Who changes something, and where. */
export interface Author {
  readonly scope: TenantScope;
  readonly userId: string;
}

/** What one change stores, decided on a state, and what its caller is answered. */
export interface Step<T> {
  readonly state: TenantPolicyState;
  readonly versions?: readonly PolicyVersion[];
  readonly records?: readonly PolicyRecord[];
  readonly change: ChangeInput;
  readonly revoked?: RevocationDraft;
  result(revocation: Revocation | undefined): T;
}

const tries = 5;

/**
 * The state of each tenant's policies and the one way to change it: guarded against lost updates, stored together with its
 * entry of the history, its event for the Audit Service and its revocation.
 */
export class TenantChanges {
  readonly #deps: TenantChangesDeps;

  constructor(deps: TenantChangesDeps) {
    this.#deps = deps;
  }

  /** @throws NOT_FOUND */
  async get(scope: TenantScope, version: number): Promise<PolicyVersion> {
    await this.state(scope);
    const found = await this.#deps.policies.get(scope, version);
    if (found === undefined)
      throw new StewardError('NOT_FOUND', `There is no policy version ${version}.`, { details: { version } });
    return found;
  }

  /**
   * Decides on the newest state and stores the step; once more when another change came first.
   * @param decide may answer without a step, and then nothing is stored
   */
  async change<T>(
    scope: TenantScope,
    decide: (state: TenantPolicyState, now: string) => Promise<Step<T> | T>,
  ): Promise<T> {
    const { policies, clock, newId } = this.#deps;
    for (let attempt = 1; ; attempt += 1) {
      const before = await this.state(scope);
      const now = clock.now().toISOString();
      const step = await decide(before, now);
      if (!isStep(step)) return step;
      const written = writeChange(step.state, step.change, now, newId, step.revoked);
      try {
        await policies.commit(scope, { ...written.state, revision: before.revision + 1 }, step.versions ?? [], [
          ...(step.records ?? []),
          ...written.records,
        ]);
      } catch (error) {
        if (!isConflict(error) || attempt >= tries) throw error;
        continue;
      }
      this.#deps.onChange?.(scope);
      return step.result(written.revocation);
    }
  }

  /** A tenant without one begins with the initial policy as version 1. */
  async state(scope: TenantScope): Promise<TenantPolicyState> {
    return (await this.#deps.policies.state(scope)) ?? this.#begin(scope);
  }

  async #begin(scope: TenantScope): Promise<TenantPolicyState> {
    const now = this.#deps.clock.now().toISOString();
    const state: TenantPolicyState = {
      tenantId: scope.tenantId,
      lastVersion: 1,
      activeVersion: 1,
      bundleVersion: 1,
      killSwitch: { active: false, updatedAt: now },
      revision: 1,
    };
    const first: PolicyVersion = {
      version: 1,
      status: 'active',
      revision: 1,
      content: this.#deps.initialPolicy,
      createdAt: now,
      createdBy: 'system',
      updatedAt: now,
      publishedAt: now,
      publishedBy: 'system',
      reason: 'The policy every tenant starts with.',
    };
    try {
      await this.#deps.policies.commit(scope, state, [first]);
      return state;
    } catch (error) {
      const other = isConflict(error) ? await this.#deps.policies.state(scope) : undefined;
      if (other === undefined) throw error;
      return other;
    }
  }
}

function isStep<T>(value: Step<T> | T): value is Step<T> {
  return typeof value === 'object' && value !== null && 'result' in value && 'change' in value;
}

function isConflict(error: unknown): boolean {
  return error instanceof StewardError && error.code === 'CONFLICT';
}
