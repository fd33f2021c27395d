import type { Clock } from '@steward/sdk';
import { ServiceUnreachableError, StewardError } from '@steward/sdk';
import type { BundleState } from '@steward/policy-engine';
import { PauseSignal } from '../loop/pause.ts';
import type { WaitsFor } from '../loop/pause.ts';
import type { Log, Scheduler } from '../ports.ts';
import type { PolicyBlock } from './policy-holder.ts';

/** What the self-resume needs. */
export interface SelfResumeDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Log;
  /** From 0 up to 1; for the jitter of pauses. */
  random(): number;
  policy(): { readonly state: BundleState; readonly block?: PolicyBlock };
  /** Fetches a fresh policy; never rejects. */
  refreshPolicy(): Promise<void>;
  /** Why the last fetch of a policy failed; undefined when it did not. */
  policyFailure(): unknown;
  /** Resolves when the gateway answers this client; rejects when it does not. */
  askGateway(signal: AbortSignal): Promise<unknown>;
  /** Resolves when the journal takes records. */
  syncJournal(): Promise<void>;
  /** Grows with everything that was achieved, so that a pause after progress begins with short waits again. */
  progress(): number;
}

const firstWaitMs = 2_000;
const longestWaitMs = 60_000;
const gatewayAnswerMs = 10_000;

/**
 * Finds out when a paused session can go on and lets it. It looks again after growing waits with jitter, and at once
 * when `look` tells it that something came back. What only a person can mend (a folder that is gone, a token that the
 * gateway refuses) is left to a person. One pause at a time.
 */
export class SelfResume {
  readonly #deps: SelfResumeDeps;
  #failures = 0;
  #progress = -1;
  #watch: { readonly waitsFor: WaitsFor; readonly go: () => void; readonly ended: AbortController } | undefined;
  #looking = false;
  #stopTimer: () => void = () => undefined;

  constructor(deps: SelfResumeDeps) {
    this.#deps = deps;
  }

  /** The pause with what it really waits for: an expired policy can want a sign-in, the services or a right clock. */
  explain(pause: PauseSignal): PauseSignal {
    if (pause.waitsFor !== 'policy' || this.#deps.policy().block !== undefined) return pause;
    return explainExpiry(pause, this.#deps.policyFailure(), this.#deps.clock.now().toISOString());
  }

  /** Watches a pause until `end`; `go` is called once, when it can go on. */
  begin(pause: PauseSignal, go: () => void): void {
    this.end();
    if (!mendsItself(pause)) return;
    const progress = this.#deps.progress();
    if (progress !== this.#progress) this.#failures = 0;
    this.#progress = progress;
    this.#watch = { waitsFor: pause.waitsFor, go, ended: new AbortController() };
    this.#waitThenLook();
  }

  /** Something may have come back: fresh credentials, a policy, a machine that woke. */
  look(): void {
    if (this.#watch === undefined) return;
    this.#failures = 0;
    this.#stopTimer();
    void this.#lookNow(true);
  }

  /** The pause is over, or nobody waits any more. */
  end(): void {
    this.#stopTimer();
    this.#watch?.ended.abort();
    this.#watch = undefined;
  }

  #waitThenLook(): void {
    const { scheduler, random } = this.#deps;
    this.#stopTimer();
    const waitMs = Math.min(longestWaitMs, firstWaitMs * 2 ** this.#failures) * (0.75 + random() / 2);
    this.#failures += 1;
    this.#stopTimer = scheduler.after(waitMs, () => void this.#lookNow(false));
  }

  async #lookNow(again: boolean): Promise<void> {
    const watch = this.#watch;
    if (watch === undefined || (this.#looking && !again)) return;
    this.#looking = true;
    const canGoOn = await this.#canGoOn(watch.waitsFor, watch.ended.signal);
    this.#looking = false;
    if (this.#watch !== watch) return;
    if (!canGoOn) return this.#waitThenLook();
    this.end();
    watch.go();
  }

  async #canGoOn(waitsFor: WaitsFor, ended: AbortSignal): Promise<boolean> {
    const { log } = this.#deps;
    try {
      if (waitsFor === 'gateway') await this.#askGateway(ended);
      else if (waitsFor === 'disk') await this.#deps.syncJournal();
      else {
        if (!this.#policyHolds()) await this.#deps.refreshPolicy();
        return this.#policyHolds();
      }
      return true;
    } catch (error) {
      log('debug', 'A paused conversation still waits.', { waitsFor, reason: String(error) });
      return false;
    }
  }

  #policyHolds(): boolean {
    const { state, block } = this.#deps.policy();
    return block === undefined && state !== 'expired' && state !== 'invalid' && state !== 'absent';
  }

  async #askGateway(ended: AbortSignal): Promise<void> {
    const asking = new AbortController();
    const stop = (): void => asking.abort(new Error('The gateway did not answer in time.'));
    const stopClock = this.#deps.scheduler.after(gatewayAnswerMs, stop);
    ended.addEventListener('abort', stop, { once: true });
    try {
      await this.#deps.askGateway(asking.signal);
    } finally {
      stopClock();
      ended.removeEventListener('abort', stop);
    }
  }
}

/** Whether time and services alone can end a pause. Pure. */
function mendsItself({ waitsFor, code }: PauseSignal): boolean {
  // Two runtimes that take a session from each other would each go on from another past.
  if (code === 'LEASE_LOST') return false;
  if (waitsFor === 'gateway') return code !== 'UNAUTHORIZED';
  return waitsFor !== 'folder' && waitsFor !== 'person';
}

/** Why an expired policy could not be replaced, as what the pause waits for. Pure. */
function explainExpiry(pause: PauseSignal, failure: unknown, now: string): PauseSignal {
  const as = (waitsFor: WaitsFor, message: string): PauseSignal =>
    new PauseSignal(pause.code, message, waitsFor, failure);
  if (failure instanceof ServiceUnreachableError)
    return as(
      'services',
      "The policy for this conversation is not valid any more, and the Session Service can't be reached for a fresh one. The " +
        'work goes on by itself once it answers.',
    );
  if (!(failure instanceof StewardError)) return pause;
  if (failure.code === 'UNAUTHORIZED')
    return as(
      'sign_in',
      'The policy for this conversation is not valid any more, and your sign-in is not accepted any more. Sign in again; the ' +
        'work goes on by itself.',
    );
  if (failure.code === 'POLICY_EXPIRED')
    return as(
      'policy',
      `By the clock of this machine it is ${now}, and by that even a fresh policy has expired. Set the clock; the ` +
        'work goes on by itself.',
    );
  return as(
    'policy',
    `The policy for this conversation is not valid any more, and a fresh one is refused: ${failure.message}`,
  );
}
