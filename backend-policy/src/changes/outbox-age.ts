import type { Clock } from '@steward/sdk';
import { logQueueAge, systemScope, takeTurn } from '@steward/service-kit';
import type { JobStore, SystemScope, createLogger } from '@steward/service-kit';
import type { AuditDelivery } from '../policies/change-writer.ts';
import { recordPrefixes } from '../policies/record-keys.ts';
import type { PolicyRepository } from '../policies/repository.ts';

/** What the look at the outbox needs; all of it stays the caller's. */
export interface OutboxAgeDeps {
  readonly policies: PolicyRepository;
  readonly jobs: JobStore;
  readonly clock: Clock;
  readonly logger: Pick<ReturnType<typeof createLogger>, 'info'>;
}

/** Pause from one look to the next, in seconds. */
export const outboxLookSeconds = 60;
const leaseSeconds = 120;

/** Says how long the oldest change of any tenant has waited for the Audit Service. */
export class OutboxAge {
  readonly #deps: OutboxAgeDeps;
  readonly #scope: SystemScope;

  constructor(deps: OutboxAgeDeps) {
    this.#deps = deps;
    this.#scope = systemScope('policy-queue-age');
  }

  /** Looks and writes one line if a look is due and no other instance is at it; rejects when the store does. */
  run(): Promise<boolean> {
    const { jobs, clock, logger } = this.#deps;
    const turns = { jobs, scope: this.#scope, clock, intervalSeconds: outboxLookSeconds, leaseSeconds };
    return takeTurn(turns, async () => {
      logQueueAge(logger, 'policy-changes', await this.#oldestSeconds());
      return undefined;
    });
  }

  async #oldestSeconds(): Promise<number> {
    const { policies, clock } = this.#deps;
    const now = clock.now().getTime();
    let oldest = now;
    for await (const { body } of policies.recordsOfAll(this.#scope, recordPrefixes.unaudited)) {
      oldest = Math.min(oldest, Date.parse((body as AuditDelivery).at));
    }
    return Math.round((now - oldest) / 1000);
  }
}
