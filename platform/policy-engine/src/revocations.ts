import type { Revocation } from '@steward/contracts';

/** What an entry calls for; which of it a reader does, and how, is its own. */
export type RevocationEffect =
  | 'stop_actions'
  | 'allow_actions'
  | 'refuse_versions'
  | 'refuse_key'
  | 'refuse_session'
  | 'refuse_person'
  | 'admit_person'
  | 'fetch_again'
  | 'nothing';

/** The signed bundle that an entry is held against. */
export interface RevocationSubject {
  readonly policyBundleVersion: number;
  readonly sessionId: string;
  readonly userId: string;
  /** Id of the key that signed it, where that is known. */
  readonly kid: string | undefined;
}

/** One entry of a tenant's revocation stream, as it is to be understood everywhere. */
export interface RevocationReading {
  readonly effect: RevocationEffect;
  /** Whether the entry is about this bundle: its version, key, session or person, or every bundle of the tenant. */
  readonly concerns: boolean;
  /** The bundle version that the entry names; 0 where it names none. For `refuse_versions` the newest that is refused. */
  readonly version: number;
}

/**
 * Reads one entry for one bundle. A kind that is not known calls for a fresh bundle, which says what it means; an entry
 * that does not say whom it is about concerns nobody. Pure.
 */
export function readRevocation(entry: Revocation, subject: RevocationSubject): RevocationReading {
  const version = entry.policyBundleVersion ?? 0;
  const reading = (effect: RevocationEffect, concerns = true): RevocationReading => ({ effect, concerns, version });
  switch (entry.kind) {
    case 'kill_switch_on':
      return reading('stop_actions');
    case 'kill_switch_off':
      return reading('allow_actions');
    case 'bundle_revoked':
      return reading('refuse_versions', subject.policyBundleVersion <= version);
    case 'key_revoked':
      return reading('refuse_key', entry.kid !== undefined && entry.kid === subject.kid);
    case 'session_revoked':
      return reading('refuse_session', entry.sessionId === subject.sessionId);
    case 'user_disabled':
      return reading('refuse_person', entry.userId === subject.userId);
    case 'user_enabled':
      return reading('admit_person', entry.userId === subject.userId);
    case 'key_rotated':
      return reading('nothing', false);
    default:
      return reading('fetch_again');
  }
}
