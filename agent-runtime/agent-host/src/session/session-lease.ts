import { readFileSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SessionHolder } from '@steward/contracts';
import { StewardError } from '@steward/sdk';
import type { Clock } from '@steward/sdk';
import { writeDurably } from '../journal/durable-json.ts';
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

interface KeptHolder {
  readonly instanceId: string;
  readonly machineName: string;
  readonly folder: string;
}

/**
 * The holder that this runtime becomes: the earlier one again where that is proved to have ended, as this process has
 * the lock on the journal, and the earlier holder worked on the same machine in the same folder; else a new one. A
 * copied folder proves nothing. A new holder is on the disk when this returns, so that no service knows one that this
 * machine forgets when its power goes; and as it stays the same over every death, there is no instant at which the
 * service knows another one than the folder. Never throws; without a file there is no proof.
 * @param file where the holder is kept, in the session's own folder
 */
export function takeOver(file: string, { instanceId, machineName }: SessionHolder): SessionHolder {
  let folder = '';
  let before: Partial<KeptHolder> | undefined;
  try {
    folder = realpathSync(dirname(file));
    before = JSON.parse(readFileSync(file, 'utf8')) as Partial<KeptHolder>;
  } catch {
    before = undefined;
  }
  const isProved = before?.machineName === machineName && before.folder === folder;
  if (isProved && typeof before?.instanceId === 'string') return { instanceId: before.instanceId, machineName };
  try {
    writeDurably(file, { instanceId, machineName, folder } satisfies KeptHolder);
  } catch {
    // The next runtime waits until the lease has run out.
  }
  return { instanceId, machineName };
}
