import type { PolicyContent, Revocation } from '@steward/contracts';
import type { Clock, NewId } from '@steward/sdk';
import { StewardError } from '@steward/sdk';
import type { Attempt, TenantScope } from '@steward/service-kit';
import { writeChange } from './change-writer.ts';
import { recordKeys } from './record-keys.ts';
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
  /** The request that asks for it; absent: nothing repeats it. */
  readonly attempt?: Attempt;
}

/** What one change stores, decided on a state, and what its caller is answered. */
export interface Step<T> {
  readonly state: TenantPolicyState;
  readonly versions?: readonly PolicyVersion[];
  readonly records?: readonly PolicyRecord[];
  readonly change: ChangeInput;
  readonly revoked?: RevocationDraft;
  /** The number of the version that is answered; without it the answer itself is kept for a redo. */
  readonly answersVersion?: number;
  result(revocation: Revocation | undefined): T;
}

/** What a keyed request did, stored together with it. */
type Effect = { readonly version: number } | { readonly answer: unknown };

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
   * Decides on the newest state and stores the step; once more when another change came first. A keyed request leaves
   * what it did under the id of its change, so that a redo answers that and changes nothing.
   * @param decide may answer without a step, and then nothing is stored
   */
  async change<T>(
    { scope, attempt }: Pick<Author, 'scope' | 'attempt'>,
    decide: (state: TenantPolicyState, now: string) => Promise<Step<T> | T>,
  ): Promise<T> {
    const { policies, clock, newId, onChange } = this.#deps;
    const changeId = attempt?.newId('evt') ?? newId('evt');
    for (let turn = 1; ; turn += 1) {
      const before = await this.state(scope);
      // After the state, so that a change which comes in between makes the commit fail.
      const isDone = attempt?.isKeyed === true && (attempt.isRedo || turn > 1);
      const effect = isDone ? ((await policies.record(scope, recordKeys.effect(changeId))) as Effect) : undefined;
      if (effect !== undefined) {
        onChange?.(scope);
        return ('version' in effect ? await this.get(scope, effect.version) : effect.answer) as T;
      }
      const now = clock.now().toISOString();
      const step = await decide(before, now);
      if (!isStep(step)) {
        // That nothing had to change is what a redo answers too, whatever was changed since.
        if (attempt?.isKeyed === true)
          await policies.putRecord(scope, { key: recordKeys.effect(changeId), body: { answer: step } });
        return step;
      }
      const written = writeChange(step.state, step.change, now, changeId, step.revoked);
      const result = step.result(written.revocation);
      const { answersVersion, versions = [], records = [] } = step;
      const left: Effect = answersVersion === undefined ? { answer: result } : { version: answersVersion };
      const kept = attempt?.isKeyed === true ? [{ key: recordKeys.effect(changeId), body: left }] : [];
      const state = { ...written.state, revision: before.revision + 1 };
      try {
        await policies.commit(scope, state, versions, [...records, ...written.records, ...kept]);
      } catch (error) {
        if (!isConflict(error) || turn >= tries) throw error;
        continue;
      }
      onChange?.(scope);
      return result;
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
