import type { PolicyBundle, PolicyStatus } from '@steward/contracts';
import { bundleStateAt } from '@steward/policy-engine';
import type { BundleState } from '@steward/policy-engine';
import { timestampOf } from '@steward/sdk';
import type { Clock } from '@steward/sdk';

/** Part of a bundle's life after which a fresh one is fetched. */
const refreshAt = 0.8;

/** The verified bundle of one session and its age. */
export class PolicyHolder {
  readonly #clock: Clock;
  #bundle: PolicyBundle;

  constructor(clock: Clock, bundle: PolicyBundle) {
    this.#clock = clock;
    this.#bundle = bundle;
  }

  get bundle(): PolicyBundle {
    return this.#bundle;
  }

  /** How far the bundle can be relied on now. */
  get state(): BundleState {
    return bundleStateAt(this.#bundle, timestampOf(this.#clock), 'active');
  }

  /** True when it is time to fetch a fresh bundle. */
  get isOld(): boolean {
    const issued = Date.parse(this.#bundle.issuedAt);
    const expires = Date.parse(this.#bundle.expiresAt);
    return this.#clock.now().getTime() >= issued + (expires - issued) * refreshAt;
  }

  /** Replaces the bundle by a verified newer one. */
  replace(bundle: PolicyBundle): void {
    this.#bundle = bundle;
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
