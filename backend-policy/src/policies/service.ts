import type { PolicyChangeRecord, PolicyContent, Revocation, RevocationInput } from '@steward/contracts';
import type { Clock, NewId } from '@steward/sdk';
import { StewardError } from '@steward/sdk';
import type { Page, PageRequest, TenantScope } from '@steward/service-kit';
import { templateNamed } from '../drafts/templates.ts';
import { refuseProblems } from '../drafts/validate-policy.ts';
import { writeChange } from './change-writer.ts';
import type { ChangeInput, KillSwitch, PolicyVersion, RevocationDraft, TenantPolicyState } from './policy.ts';
import { recordKeys, recordPrefixes } from './record-keys.ts';
import type { PolicyRecord, PolicyRepository } from './repository.ts';

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
  readonly newId: NewId;
  /** Told of the tenant's scope after every change that is stored. */
  readonly onChange?: (scope: TenantScope) => void;
}

/** Who changes something, and where. */
export interface Author {
  readonly scope: TenantScope;
  readonly userId: string;
}

interface PublishInput {
  readonly reason: string;
  readonly revision?: number;
  readonly expectedActiveVersion?: number;
}

interface Step<T> {
  readonly state: TenantPolicyState;
  readonly versions?: readonly PolicyVersion[];
  readonly records?: readonly PolicyRecord[];
  readonly change: ChangeInput;
  readonly revoked?: RevocationDraft;
  result(revocation: Revocation | undefined): T;
}

const tries = 5;

/**
 * Drafts, publishing, rollback, revocations and the kill switch of each tenant. Every change is guarded against lost
 * updates and stored together with its entry of the history, its event for the Audit Service and its revocation.
 */
export class PolicyAdministration {
  readonly #deps: PolicyServiceDeps;

  constructor(deps: PolicyServiceDeps) {
    this.#deps = deps;
  }

  /** The policy in force; a tenant without one begins with the initial policy as version 1. */
  async active(scope: TenantScope): Promise<ActivePolicy> {
    const state = await this.#state(scope);
    const version = await this.#deps.policies.get(scope, state.activeVersion);
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
    await this.#state(scope);
    const found = await this.#deps.policies.list(scope, page);
    if (status === undefined) return found;
    return { ...found, items: found.items.filter((version) => version.status === status) };
  }

  /** @throws NOT_FOUND */
  async get(scope: TenantScope, version: number): Promise<PolicyVersion> {
    await this.#state(scope);
    const found = await this.#deps.policies.get(scope, version);
    if (found === undefined)
      throw new StewardError('NOT_FOUND', `There is no policy version ${version}.`, { details: { version } });
    return found;
  }

  /** Who changed what, when and why; newest first. */
  async history(scope: TenantScope, page: PageRequest): Promise<Page<PolicyChangeRecord>> {
    const limit = page.limit ?? 50;
    const rows = await this.#deps.policies.records(scope, {
      prefix: recordPrefixes.change,
      limit: limit + 1,
      newestFirst: true,
      ...(page.cursor === undefined ? {} : { after: cursorKey(page.cursor) }),
    });
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    return {
      items: items.map(({ body }) => body as PolicyChangeRecord),
      ...(rows.length > limit && last !== undefined ? { nextCursor: Buffer.from(last.key).toString('base64url') } : {}),
    };
  }

  /**
   * Begins a draft with the given content, a template, or the content of another version.
   * @throws POLICY_BUNDLE_INVALID with `details.problems` when the policy contradicts itself or its examples fail
   */
  async createDraft(
    { scope, userId }: Author,
    input: { content?: PolicyContent; template?: string; basedOnVersion?: number },
  ): Promise<PolicyVersion> {
    const { basedOnVersion } = input;
    const content =
      input.content ??
      (input.template === undefined ? undefined : templateNamed(input.template).content) ??
      (await this.get(scope, basedOnVersion ?? (await this.#state(scope)).activeVersion)).content;
    refuseProblems(content);
    return this.#change(scope, async (state, now) => {
      const draft: PolicyVersion = {
        version: state.lastVersion + 1,
        status: 'draft',
        revision: 1,
        content,
        ...(basedOnVersion === undefined ? {} : { basedOnVersion }),
        createdAt: now,
        createdBy: userId,
        updatedAt: now,
      };
      return {
        state: { ...state, lastVersion: draft.version },
        versions: [draft],
        change: {
          change: 'draft_created',
          by: userId,
          reason:
            basedOnVersion === undefined ? 'A draft was begun.' : `A draft was begun from version ${basedOnVersion}.`,
          version: draft.version,
          revision: 1,
        },
        result: () => draft,
      };
    });
  }

  /**
   * Changes a draft that is still as the author saw it.
   * @throws CONFLICT with the draft as it is now in `details.current`
   */
  async updateDraft(
    { scope, userId }: Author,
    version: number,
    input: { content: PolicyContent; revision: number },
  ): Promise<PolicyVersion> {
    refuseProblems(input.content);
    return this.#change(scope, async (state, now) => {
      const current = await this.get(scope, version);
      if (current.status !== 'draft')
        throw new StewardError(
          'CONFLICT',
          `Policy version ${version} is ${current.status} and can't be changed any more. Begin a new draft from it.`,
          { details: { current } },
        );
      refuseOtherRevision(current, input.revision);
      const draft: PolicyVersion = {
        ...current,
        content: input.content,
        revision: current.revision + 1,
        updatedAt: now,
        updatedBy: userId,
      };
      return {
        state,
        versions: [draft],
        change: {
          change: 'draft_updated',
          by: userId,
          reason: 'The draft was changed.',
          version,
          revision: draft.revision,
        },
        result: () => draft,
      };
    });
  }

  /** @throws CONFLICT when the version is no draft, was changed since, or another version became active than expected */
  async publish({ scope, userId }: Author, version: number, input: PublishInput): Promise<PolicyVersion> {
    return this.#change(scope, async (state, now) => {
      const draft = await this.get(scope, version);
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
  async rollback({ scope, userId }: Author, version: number, input: PublishInput): Promise<PolicyVersion> {
    return this.#change(scope, async (state, now) => {
      const older = await this.get(scope, version);
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

  async killSwitch(scope: TenantScope): Promise<KillSwitch> {
    return (await this.#state(scope)).killSwitch;
  }

  /** The same state again changes nothing. */
  async setKillSwitch({ scope, userId }: Author, active: boolean, reason: string): Promise<KillSwitch> {
    return this.#change<KillSwitch>(scope, async (state, now) => {
      if (state.killSwitch.active === active && state.killSwitch.reason === reason) return state.killSwitch;
      const killSwitch: KillSwitch = { active, reason, updatedBy: userId, updatedAt: now };
      const bundleVersion = state.bundleVersion + 1;
      const change = active ? 'kill_switch_on' : 'kill_switch_off';
      return {
        state: { ...state, killSwitch, bundleVersion },
        change: { change, by: userId, reason, version: state.activeVersion },
        revoked: { kind: change, policyBundleVersion: bundleVersion, version: state.activeVersion },
        result: () => killSwitch,
      };
    });
  }

  /** Revokes bundles, a session or a person, or lets a person work again. */
  async revoke({ scope, userId }: Author, input: RevocationInput): Promise<Revocation> {
    const { kind, reason } = input;
    if (kind === 'bundle_revoked') {
      return this.#change(scope, async (state) => {
        const upTo = required(input.policyBundleVersion, 'policyBundleVersion', kind);
        if (upTo > state.bundleVersion)
          throw new StewardError(
            'CONFLICT',
            `Bundle version ${upTo} was never issued; the newest is ${state.bundleVersion}.`,
            { details: { bundleVersion: state.bundleVersion } },
          );
        return {
          // What replaces the revoked bundles must be newer than all of them.
          state: { ...state, bundleVersion: Math.max(state.bundleVersion, upTo + 1) },
          change: { change: kind, by: userId, reason, version: state.activeVersion, subject: String(upTo) },
          revoked: { kind, policyBundleVersion: upTo, version: state.activeVersion },
          result: (revocation) => revocation!,
        };
      });
    }
    const subject =
      kind === 'session_revoked'
        ? required(input.sessionId, 'sessionId', kind)
        : required(input.userId, 'userId', kind);
    if (kind === 'user_disabled' && subject === userId)
      throw new StewardError('CONFLICT', 'You can’t disable yourself. Ask another admin to do it.');
    return this.#change(scope, async (state, now) => ({
      state,
      records: [
        {
          key: kind === 'session_revoked' ? recordKeys.revokedSession(subject) : recordKeys.disabledUser(subject),
          body: kind === 'user_enabled' ? undefined : { at: now, by: userId, reason },
        },
      ],
      change: { change: kind, by: userId, reason, subject },
      revoked: { kind, ...(kind === 'session_revoked' ? { sessionId: subject } : { userId: subject }) },
      result: (revocation) => revocation!,
    }));
  }

  /** Refuses with PERMISSION_DENIED, saying why, when the person is disabled or the session is revoked. */
  async assertNotRevoked(
    scope: TenantScope,
    { userId, sessionId }: { userId: string; sessionId: string },
  ): Promise<void> {
    const { policies } = this.#deps;
    const [user, session] = (await Promise.all([
      policies.record(scope, recordKeys.disabledUser(userId)),
      policies.record(scope, recordKeys.revokedSession(sessionId)),
    ])) as ({ reason: string } | undefined)[];
    if (user !== undefined)
      throw new StewardError('PERMISSION_DENIED', `An admin has disabled your access: ${user.reason}`, {
        details: { reasonCodes: ['USER_DISABLED'] },
      });
    if (session !== undefined)
      throw new StewardError('PERMISSION_DENIED', `An admin has revoked this conversation: ${session.reason}`, {
        details: { reasonCodes: ['SESSION_REVOKED'] },
      });
  }

  /** Entries of the revocation stream from a number on, in order, and the number of the newest. */
  async revocations(
    scope: TenantScope,
    fromSeq: number,
    limit: number,
  ): Promise<{ items: Revocation[]; lastSeq: number }> {
    const lastSeq = (await this.#state(scope)).lastRevocation ?? 0;
    if (fromSeq > lastSeq) return { items: [], lastSeq };
    const rows = await this.#deps.policies.records(scope, {
      prefix: recordPrefixes.revocation,
      after: recordKeys.revocation(fromSeq - 1),
      limit,
    });
    return { items: rows.map(({ body }) => body as Revocation), lastSeq };
  }

  /** Tells a tenant's stream that a signing key was rotated in or revoked; once per key and state. */
  async announceKey(
    scope: TenantScope,
    kid: string,
    state: 'key_rotated' | 'key_revoked',
    reason: string,
  ): Promise<void> {
    const mark = `${kid}:${state}`;
    await this.#change<void>(scope, async (current) => {
      if (current.announcedKeys?.includes(mark) === true) return;
      return {
        state: { ...current, announcedKeys: [...(current.announcedKeys ?? []), mark].slice(-100) },
        change: { change: state, by: 'operator', reason, subject: kid },
        revoked: { kind: state, kid },
        result: () => undefined,
      };
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
    const previous = await this.#deps.policies.get(scope, state.activeVersion);
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
      result: () => activated,
    };
  }

  /** Decides on the newest state and stores the step; once more when another change came first. */
  async #change<T>(
    scope: TenantScope,
    decide: (state: TenantPolicyState, now: string) => Promise<Step<T> | T>,
  ): Promise<T> {
    const { policies, clock, newId } = this.#deps;
    for (let attempt = 1; ; attempt += 1) {
      const before = await this.#state(scope);
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

  async #state(scope: TenantScope): Promise<TenantPolicyState> {
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

function refuseOtherRevision(current: PolicyVersion, revision: number): void {
  if (current.revision === revision) return;
  throw new StewardError(
    'CONFLICT',
    `${current.updatedBy ?? current.createdBy} changed draft ${current.version} meanwhile. Compare, then save yours again.`,
    { details: { current } },
  );
}

function required<T>(value: T | undefined, field: string, kind: string): T {
  if (value !== undefined) return value;
  throw new StewardError('INVALID_REQUEST', `${kind} needs ${field}. Give it and send the request again.`, {
    details: { field },
  });
}

function cursorKey(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString();
  if (/^c\d{10}$/.test(key)) return key;
  throw new StewardError('INVALID_REQUEST', 'The cursor is no place of this list. Begin again without it.', {
    details: { field: 'cursor' },
  });
}
