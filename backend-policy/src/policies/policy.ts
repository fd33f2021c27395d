import type { PolicyComponents } from '@steward/sdk';

/** One version of a tenant's policy. */
export type PolicyVersion = PolicyComponents['schemas']['PolicyVersion'];
/** The tenant's switch that denies every external action. */
export type KillSwitch = PolicyComponents['schemas']['KillSwitch'];

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
}
