import type { PolicyBundle } from '@steward/contracts';
import type { Clock } from '@steward/sdk';
import type { Log } from '../ports.ts';
import type { FetchedBundle } from './fetch-bundle.ts';
import type { PolicyHolder } from './policy-holder.ts';

/** What the refresher needs. */
export interface PolicyRefresherDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: PolicyHolder;
  fetchBundle(): Promise<FetchedBundle>;
  onFresh(jws: string, bundle: PolicyBundle): void;
}

const betweenTriesMs = 30_000;

/** Keeps a session's policy fresh without letting the loop wait for a service while the kept policy still holds. */
export class PolicyRefresher {
  readonly #deps: PolicyRefresherDeps;
  #running: Promise<void> | undefined;
  #triedAtMs = -Infinity;
  #failure: unknown;

  constructor(deps: PolicyRefresherDeps) {
    this.#deps = deps;
  }

  /** Starts a refresh where it is time; resolves at once unless the policy permits nothing any more. Never rejects. */
  async beforeStep(): Promise<void> {
    const { policy, clock } = this.#deps;
    if (!policy.isOld || clock.monotonicMs() - this.#triedAtMs < betweenTriesMs) return;
    const refreshed = this.now();
    if (policy.state === 'expired') await refreshed;
  }

  /** Why the last fetch failed; undefined when it succeeded. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Refreshes and resolves when that succeeded or failed. Never rejects. */
  now(): Promise<void> {
    this.#running ??= this.#refresh().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #refresh(): Promise<void> {
    const { clock, log, policy } = this.#deps;
    this.#triedAtMs = clock.monotonicMs();
    try {
      const { jws, bundle } = await this.#deps.fetchBundle();
      this.#failure = undefined;
      this.#deps.onFresh(jws, bundle);
    } catch (error) {
      this.#failure = error;
      log('warn', 'A fresh policy could not be fetched.', { reason: String(error), state: policy.state });
    }
  }
}
