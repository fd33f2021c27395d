import type { ErrorCode, PolicyBundle, PolicyStatus } from '@steward/contracts';
import { bundleStateAt } from '@steward/policy-engine';
import type { BundleState } from '@steward/policy-engine';
import type { Clock } from '@steward/sdk';

/** Part of a bundle's life after which a fresh one is fetched. */
const refreshAt = 0.8;

/** Why a session may not go on although its bundle is valid. */
export interface PolicyBlock {
  readonly code: ErrorCode;
  /** The reason in one sentence, for the person. */
  readonly message: string;
  /** The step that runs may go on with what the bundle's state still permits; the next one waits. */
  readonly fromNextStep?: true;
}

/** The verified bundle of one session, its age, and what was heard since that narrows it. Nothing here widens it. */
export class PolicyHolder {
  readonly #clock: Clock;
  #bundle: PolicyBundle;
  #floor: BundleState = 'active';
  #revokedUpTo = 0;
  #isOffline = false;
  #block: PolicyBlock | undefined;
  #receivedAtMs: number;

  constructor(clock: Clock, bundle: PolicyBundle) {
    this.#clock = clock;
    this.#bundle = bundle;
    this.#receivedAtMs = clock.monotonicMs();
  }

  get bundle(): PolicyBundle {
    return this.#bundle;
  }

  /** How far the bundle can be relied on now. */
  get state(): BundleState {
    if (this.#block !== undefined) return 'invalid';
    const known = this.#floor === 'active' && this.#isOffline ? 'grace' : this.#floor;
    return bundleStateAt(this.#bundle, this.#now().toISOString(), known);
  }

  /** Set while the session must pause whatever the bundle says. */
  get block(): PolicyBlock | undefined {
    if (this.#block !== undefined || !this.#isOffline) return this.#block;
    return {
      code: 'POLICY_EXPIRED',
      fromNextStep: true,
      message:
        'The Policy Service has not been reached for longer than the policy allows, so nobody would hear of a ' +
        'revocation. Connect again, then resume.',
    };
  }

  /** True when it is time to fetch a fresh bundle. */
  get isOld(): boolean {
    const issued = Date.parse(this.#bundle.issuedAt);
    const expires = Date.parse(this.#bundle.expiresAt);
    return this.#now().getTime() >= issued + (expires - issued) * refreshAt;
  }

  /** Replaces the bundle by a verified newer one; a block that an admin lifted ends with it. */
  replace(bundle: PolicyBundle): void {
    this.#bundle = bundle;
    this.#receivedAtMs = this.#clock.monotonicMs();
    this.#block = undefined;
    this.#isOffline = false;
    if (bundle.policyBundleVersion > this.#revokedUpTo) this.#floor = 'active';
  }

  /** The kill switch was thrown with this bundle version; it holds until a bundle of that version or later says more. */
  throwKillSwitch(policyBundleVersion: number): void {
    if (this.#bundle.killSwitch || this.#bundle.policyBundleVersion >= policyBundleVersion) return;
    this.#bundle = { ...this.#bundle, killSwitch: true };
  }

  /** Bundles up to this version are revoked; nothing runs by one of them until it is replaced. */
  revokeUpTo(policyBundleVersion: number): void {
    this.#revokedUpTo = Math.max(this.#revokedUpTo, policyBundleVersion);
    if (this.#bundle.policyBundleVersion <= this.#revokedUpTo) this.#floor = 'expired';
  }

  /** The key that signed the bundle is revoked; nothing runs by it until it is replaced. */
  revokeKey(): void {
    this.#floor = 'expired';
  }

  /** The session or its person may not go on. */
  stop(block: PolicyBlock): void {
    this.#block = block;
  }

  /** Whether the Policy Service was out of reach for longer than the bundle's grace. @returns whether that is new */
  setOffline(isOffline: boolean): boolean {
    const isNew = this.#isOffline !== isOffline;
    this.#isOffline = isOffline;
    return isNew;
  }

  /** A clock that is set back gives an old bundle no new life: since it was signed, at least this much time passed. */
  #now(): Date {
    const sinceReceivedMs = this.#clock.monotonicMs() - this.#receivedAtMs;
    return new Date(Math.max(this.#clock.now().getTime(), Date.parse(this.#bundle.issuedAt) + sinceReceivedMs));
  }

  status(): PolicyStatus {
    const { policyName, policyBundleVersion, expiresAt, killSwitch, llmPolicy } = this.#bundle;
    return {
      state: this.state,
      policyName: policyName ?? '',
      policyBundleVersion,
      expiresAt,
      killSwitch,
      maxSessionTokens: llmPolicy.maxSessionTokens,
    };
  }
}
