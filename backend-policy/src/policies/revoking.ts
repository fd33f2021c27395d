import type { Revocation, RevocationInput } from '@steward/contracts';
import { StewardError } from '@steward/sdk';
import type { TenantScope } from '@steward/service-kit';
import type { KillSwitch } from './policy.ts';
import { recordKeys, recordPrefixes } from './record-keys.ts';
import type { PolicyRepository } from './repository.ts';
import type { Author, TenantChanges } from './tenant-changes.ts';

/** What is taken back at once: the kill switch, bundles, sessions, people and keys, and the stream that tells of it. */
export class PolicyRevoking {
  readonly #changes: TenantChanges;
  readonly #policies: PolicyRepository;

  constructor(changes: TenantChanges, policies: PolicyRepository) {
    this.#changes = changes;
    this.#policies = policies;
  }

  async killSwitch(scope: TenantScope): Promise<KillSwitch> {
    return (await this.#changes.state(scope)).killSwitch;
  }

  /** The same state again changes nothing. */
  async setKillSwitch(author: Author, active: boolean, reason: string): Promise<KillSwitch> {
    const { userId } = author;
    return this.#changes.change<KillSwitch>(author, async (state, now) => {
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
  async revoke(author: Author, input: RevocationInput): Promise<Revocation> {
    const { userId } = author;
    const { kind, reason } = input;
    if (kind === 'bundle_revoked') {
      return this.#changes.change(author, async (state) => {
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
    return this.#changes.change(author, async (state, now) => ({
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
    const policies = this.#policies;
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
    const lastSeq = (await this.#changes.state(scope)).lastRevocation ?? 0;
    if (fromSeq > lastSeq) return { items: [], lastSeq };
    const rows = await this.#policies.records(scope, {
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
    await this.#changes.change<void>({ scope }, async (current) => {
      if (current.announcedKeys?.includes(mark) === true) return;
      return {
        state: { ...current, announcedKeys: [...(current.announcedKeys ?? []), mark].slice(-100) },
        change: { change: state, by: 'operator', reason, subject: kid },
        revoked: { kind: state, kid },
        result: () => undefined,
      };
    });
  }
}

function required<T>(value: T | undefined, field: string, kind: string): T {
  if (value !== undefined) return value;
  throw new StewardError('INVALID_REQUEST', `${kind} needs ${field}. Give it and send the request again.`, {
    details: { field },
  });
}
