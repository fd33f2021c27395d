import type { SessionHolder } from '@steward/contracts';
import { StewardError } from '@steward/sdk';
import type { Clock } from '@steward/sdk';
import type { Backend, Log, Scheduler } from '../ports.ts';

/** What a lease needs. */
export interface SessionLeaseDeps {
  readonly sessionId: string;
  readonly holder: SessionHolder;
  readonly backend: Pick<Backend, 'renewLease'>;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Log;
  /** Another runtime works on the session by now. */
  onLost(error: StewardError): void;
}

const renewEveryMs = 30_000;
/** From this age on nobody can be sure that the lease still holds; the service gives it 90 seconds. */
const doubtfulMs = 75_000;

/**
 * Keeps the session's lease at the Session Service while this runtime works on it. A service that can't be reached
 * stops nothing: the lock on the journal still holds on this machine, and the lease is renewed once it answers.
 */
export class SessionLease {
  readonly #deps: SessionLeaseDeps;
  #renewedAtMs: number;
  #renewing: Promise<void> | undefined;
  #stopTimer: () => void = () => undefined;
  #stopped = false;

  constructor(deps: SessionLeaseDeps) {
    this.#deps = deps;
    this.#renewedAtMs = deps.clock.now().getTime();
  }

  /** Begins to renew. */
  start(): void {
    if (this.#stopped) return;
    this.#stopTimer = this.#deps.scheduler.after(renewEveryMs, () => {
      void this.renew();
      this.start();
    });
  }

  /** Renews now. Never rejects. */
  renew(): Promise<void> {
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  /** Resolves at once unless the lease may have run out, for instance after a sleep: then once that is known. */
  async settled(): Promise<void> {
    if (this.#deps.clock.now().getTime() - this.#renewedAtMs >= doubtfulMs) await this.renew();
  }

  /** Renews no more; gives the lease up where the session stays. Never rejects. */
  async stop(giveUp: boolean): Promise<void> {
    this.#stopped = true;
    this.#stopTimer();
    if (!giveUp) return;
    const { backend, sessionId, holder, log } = this.#deps;
    await backend.renewLease(sessionId, { ...holder, released: true }).catch((error: unknown) => {
      log('debug', 'The lease could not be given up; it runs out by itself.', { reason: String(error) });
    });
  }

  async #renew(): Promise<void> {
    const { backend, sessionId, holder, clock, log, onLost } = this.#deps;
    try {
      await backend.renewLease(sessionId, holder);
      this.#renewedAtMs = clock.now().getTime();
    } catch (error) {
      if (this.#stopped) return;
      if (error instanceof StewardError && error.code === 'LEASE_LOST') return onLost(error);
      // It is tried again; until then every step would ask for what nobody answers.
      this.#renewedAtMs = clock.now().getTime();
      log('debug', 'The lease could not be renewed.', { reason: String(error) });
    }
  }
}
