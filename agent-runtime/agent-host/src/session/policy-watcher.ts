import type { Revocation } from '@steward/contracts';
import { readRevocation } from '@steward/policy-engine';
import type { Clock } from '@steward/sdk';
import type { Backend, Log, Scheduler } from '../ports.ts';
import type { BundleVerifier } from './bundle-verifier.ts';
import type { PolicyHolder } from './policy-holder.ts';

/** What the watcher needs. */
export interface PolicyWatcherDeps {
  readonly sessionId: string;
  readonly backend: Pick<Backend, 'followRevocations' | 'listRevocations'>;
  readonly verifier: Pick<BundleVerifier, 'revokeKey' | 'revokeUpTo'>;
  readonly policy: PolicyHolder;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Log;
  /** From 0 up to 1; for the jitter of pauses. */
  random(): number;
  /** Id of the key that signed the present bundle. */
  signedBy(): string | undefined;
  /** Fetches a fresh bundle; resolves when that succeeded or failed. */
  refresh(): Promise<void>;
  /** What the policy permits became less: what waits for an answer has to be looked at again. */
  onTightened(): void;
  /** Something about the policy changed that people should see. */
  onChanged(): void;
}

const firstPauseMs = 250;
const longestPauseMs = 30_000;
/** A shorter silence is a hiccup of the network, whatever the grace. */
const leastOfflineMs = 60_000;
const refreshAgainMs = 1_000;

/**
 * Hears of revocations while a session runs and acts on them at once. It follows the tenant's stream from the entry
 * that the bundle knew, so that nothing between the bundle and the connection is missed; it comes back with growing
 * pauses, asks once per pause without a stream, and tells when it heard nothing for longer than the bundle allows.
 */
export class PolicyWatcher {
  readonly #deps: PolicyWatcherDeps;
  readonly #stop = new AbortController();
  #next: number;
  #heardAtMs: number;
  #needed = 0;
  #refreshing: Promise<void> | undefined;
  #cancelTimers: (() => void)[] = [];

  constructor(deps: PolicyWatcherDeps) {
    this.#deps = deps;
    this.#next = (deps.policy.bundle.revocationSeq ?? 0) + 1;
    this.#heardAtMs = deps.clock.monotonicMs();
  }

  /** Begins to follow; returns at once and never rejects. */
  start(): void {
    this.#watchSilence();
    void this.#follow();
  }

  /** Resolves at once unless a refresh runs that a revocation called for. */
  settled(): Promise<void> {
    return this.#refreshing ?? Promise.resolve();
  }

  /** Ends everything; nothing is called afterwards. */
  stop(): void {
    this.#stop.abort();
    for (const cancel of this.#cancelTimers) cancel();
  }

  async #follow(): Promise<void> {
    const { backend, log, random } = this.#deps;
    const { signal } = this.#stop;
    for (let failures = 0; !signal.aborted;) {
      try {
        await backend.followRevocations(
          this.#next,
          {
            onSign: () => {
              failures = 0;
              this.#heard();
            },
            onEntry: (entry) => this.#take(entry),
          },
          signal,
        );
      } catch (error) {
        if (signal.aborted) return;
        log('debug', 'The revocation stream ended.', { reason: String(error) });
      }
      if (signal.aborted) return;
      await this.#poll();
      const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** failures) * (0.5 + random());
      failures += 1;
      await this.#pause(pauseMs);
    }
  }

  /** What a network without streams lets through. */
  async #poll(): Promise<void> {
    const { backend, log } = this.#deps;
    try {
      for (;;) {
        const { items, lastSeq } = await backend.listRevocations(this.#next);
        if (this.#stop.signal.aborted) return;
        this.#heard();
        for (const entry of items) this.#take(entry);
        if (items.length === 0 || this.#next > lastSeq) return;
      }
    } catch (error) {
      log('debug', 'Revocations could not be asked for.', { reason: String(error) });
    }
  }

  #take(entry: Revocation): void {
    if (this.#stop.signal.aborted || entry.seq < this.#next) return;
    this.#next = entry.seq + 1;
    this.#heard();
    this.#react(entry);
  }

  #react(entry: Revocation): void {
    const { policy, verifier, sessionId, signedBy, onTightened, onChanged } = this.#deps;
    const { tenantId, userId, policyBundleVersion } = policy.bundle;
    const subject = { policyBundleVersion, sessionId, userId, kid: signedBy() };
    const { effect, concerns, version } = readRevocation(entry, subject);
    // These two are kept for every later session of this machine, whether they concern this one or not.
    if (effect === 'refuse_versions') verifier.revokeUpTo(tenantId, version);
    if (effect === 'refuse_key' && entry.kid !== undefined) verifier.revokeKey(entry.kid);
    if (!concerns && effect !== 'refuse_versions') return;
    switch (effect) {
      case 'stop_actions':
        policy.throwKillSwitch(version);
        this.#refresh(version);
        break;
      case 'refuse_versions':
        policy.revokeUpTo(version);
        this.#refresh(version + 1);
        break;
      case 'refuse_key':
        policy.revokeKey();
        this.#refresh(policyBundleVersion);
        break;
      case 'refuse_session':
        policy.stop({
          code: 'PERMISSION_DENIED',
          message: `An admin has revoked this conversation. Reason: ${entry.reason}`,
        });
        break;
      case 'refuse_person':
        policy.stop({
          code: 'PERMISSION_DENIED',
          message: `An admin has disabled your access. Reason: ${entry.reason}`,
        });
        break;
      case 'admit_person':
        this.#refresh(policyBundleVersion);
        return;
      default:
        // Something is allowed again, or may be: the fresh bundle says what.
        this.#refresh(version);
        return;
    }
    onTightened();
    onChanged();
  }

  /** Fetches until the bundle is at least of this version. */
  #refresh(version: number): void {
    this.#needed = Math.max(this.#needed, version);
    const { refresh, policy, onTightened, onChanged } = this.#deps;
    const before = policy.state;
    this.#refreshing ??= refresh().finally(() => {
      this.#refreshing = undefined;
      if (this.#stop.signal.aborted) return;
      const isBehind = policy.bundle.policyBundleVersion < this.#needed || policy.state === 'expired';
      if (isBehind) this.#later(refreshAgainMs, () => this.#refresh(this.#needed));
      else onTightened();
      if (policy.state !== before) onChanged();
    });
  }

  #heard(): void {
    this.#heardAtMs = this.#deps.clock.monotonicMs();
    if (this.#deps.policy.setOffline(false)) this.#deps.onChanged();
  }

  #watchSilence(): void {
    const { policy, clock, onTightened, onChanged } = this.#deps;
    const graceMs = Math.max(leastOfflineMs, policy.bundle.offlineGraceSeconds * 1000);
    const left = this.#heardAtMs + graceMs - clock.monotonicMs();
    if (left <= 0 && policy.setOffline(true)) {
      onTightened();
      onChanged();
    }
    this.#later(left <= 0 ? leastOfflineMs : left, () => this.#watchSilence());
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#stop;
    return new Promise((resolve) => {
      const end = (): void => {
        signal.removeEventListener('abort', end);
        resolve();
      };
      signal.addEventListener('abort', end);
      this.#later(ms, end);
    });
  }

  #later(ms: number, action: () => void): void {
    if (this.#stop.signal.aborted) return;
    const cancel = this.#deps.scheduler.after(ms, () => {
      this.#cancelTimers = this.#cancelTimers.filter((other) => other !== cancel);
      action();
    });
    this.#cancelTimers.push(cancel);
  }
}
