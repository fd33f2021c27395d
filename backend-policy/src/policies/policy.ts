import type { KillSwitch, PolicyChangeRecord, PolicyVersion, Revocation } from '@steward/contracts';

export type { KillSwitch, PolicyVersion };

/** What is current for a tenant. One item, changed only under its revision. */
export interface TenantPolicyState {
  readonly tenantId: string;
  /** Number given to the newest version or draft. */
  readonly lastVersion: number;
  /** The version in force; always one that exists. */
  readonly activeVersion: number;
  /** Grows with every publish, rollback and kill-switch change, so that runtimes can refuse an older bundle. */
  readonly bundleVersion: number;
  readonly killSwitch: KillSwitch;
  readonly revision: number;
  /** Number of the newest entry of the history; absent: none yet. */
  readonly lastChange?: number;
  /** Number of the newest entry of the revocation stream; absent: none yet. */
  readonly lastRevocation?: number;
  /** What was told of signing keys, as `kid:state`; newest last, bounded. */
  readonly announcedKeys?: readonly string[];
}

/** A change as it is asked for; number, time and id are given when it is stored. */
export type ChangeInput = Pick<PolicyChangeRecord, 'change' | 'by' | 'reason' | 'version' | 'revision' | 'subject'>;

/** An entry of the revocation stream as it is asked for. */
export type RevocationDraft = Omit<Revocation, 'seq' | 'at' | 'reason'>;
