import type { EventEnvelope, PolicyChangeRecord } from '@steward/contracts';
import { createServiceClient } from '@steward/sdk';
import type { AuditPaths } from '@steward/sdk';
import type { SystemScope, TenantScope, createLogger } from '@steward/service-kit';
import type { AuditDelivery } from '../policies/change-writer.ts';
import { recordKeys, recordPrefixes } from '../policies/record-keys.ts';
import type { PolicyRepository } from '../policies/repository.ts';

/** Delivers one event for a person of a tenant; rejects when it did not arrive. */
export type SendAuditEvent = (event: EventEnvelope) => Promise<void>;

/** What the outbox needs. */
export interface AuditOutboxDeps {
  readonly policies: PolicyRepository;
  /** Absent: changes stay where they are until there is an Audit Service. */
  readonly send?: SendAuditEvent;
  readonly jobs: SystemScope;
  readonly logger: Pick<ReturnType<typeof createLogger>, 'info' | 'warn'>;
  /** Runs `action` once after `ms` milliseconds unless the returned function is called first. */
  after(ms: number, action: () => void): () => void;
}

const firstPauseMs = 500;
const longestPauseMs = 60_000;
const batch = 50;

/**
 * Brings every change to the Audit Service, in the order of each tenant. A change waits in the store since the very
 * transaction that made it, so that neither a crash nor a restart loses one; it is sent under the same event id until
 * it arrived, with growing pauses, and never given up.
 */
export class AuditOutbox {
  readonly #deps: AuditOutboxDeps;
  readonly #tenants = new Map<string, { running: Promise<void>; again: boolean }>();
  readonly #timers = new Set<() => void>();
  #closed = false;

  constructor(deps: AuditOutboxDeps) {
    this.#deps = deps;
  }

  /** Delivers what an earlier process left behind. Never rejects. */
  async recover(): Promise<void> {
    const { policies, jobs, logger } = this.#deps;
    try {
      const found: Promise<void>[] = [];
      for await (const tenantId of policies.tenants(jobs)) found.push(this.kick(jobs.forTenant(tenantId)));
      await Promise.all(found);
    } catch (error) {
      logger.warn({ err: error }, 'waiting policy changes could not be looked up; trying again');
      this.#later(longestPauseMs, () => void this.recover());
    }
  }

  /** Delivers what waits of a tenant; resolves when nothing waits or delivery failed for now. Never rejects. */
  kick(scope: TenantScope): Promise<void> {
    if (this.#deps.send === undefined || this.#closed) return Promise.resolve();
    const known = this.#tenants.get(scope.tenantId);
    if (known !== undefined) {
      known.again = true;
      return known.running;
    }
    return this.#begin(scope, 0);
  }

  /** Stops trying; what waits stays stored. Resolves when nothing is on its way. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const cancel of this.#timers) cancel();
    await Promise.all([...this.#tenants.values()].map(({ running }) => running));
  }

  #begin(scope: TenantScope, failures: number): Promise<void> {
    const entry = { running: Promise.resolve(), again: false };
    this.#tenants.set(scope.tenantId, entry);
    entry.running = this.#work(scope, failures).finally(() => {
      this.#tenants.delete(scope.tenantId);
      // What came in after the last look; after a failure the timer sees to it.
      if (entry.again) void this.kick(scope);
    });
    return entry.running;
  }

  async #work(scope: TenantScope, failures: number): Promise<void> {
    const { logger } = this.#deps;
    let failed = failures;
    try {
      while (!this.#closed && (await this.#deliverSome(scope))) failed = 0;
    } catch (error) {
      const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** failed);
      logger.warn({ err: error, tenantId: scope.tenantId, pauseMs }, 'a policy change waits for the Audit Service');
      this.#later(pauseMs, () => {
        if (!this.#tenants.has(scope.tenantId)) void this.#begin(scope, failed + 1);
      });
    }
  }

  /** @returns whether there was anything */
  async #deliverSome(scope: TenantScope): Promise<boolean> {
    const { policies, send, logger } = this.#deps;
    const waiting = await policies.records(scope, { prefix: recordPrefixes.unaudited, limit: batch });
    for (const { key, body } of waiting) {
      const { change, event } = body as AuditDelivery;
      await send!(event);
      const record = (await policies.record(scope, recordKeys.change(change))) as PolicyChangeRecord | undefined;
      if (record !== undefined)
        await policies.putRecord(scope, { key: recordKeys.change(change), body: { ...record, audited: true } });
      await policies.putRecord(scope, { key, body: undefined });
      logger.info({ tenantId: scope.tenantId, eventId: event.eventId, ...event.payload }, 'policy change audited');
      if (this.#closed) return false;
    }
    return waiting.length > 0;
  }

  #later(ms: number, action: () => void): void {
    if (this.#closed) return;
    const cancel = this.#deps.after(ms, () => {
      this.#timers.delete(cancel);
      action();
    });
    this.#timers.add(cancel);
  }
}

/** Sends over HTTP, with this service's own token and the person named in acting headers. */
export function createAuditSender(connection: { baseUrl: string; getToken: () => Promise<string> }): SendAuditEvent {
  const client = createServiceClient<AuditPaths>(connection.baseUrl, {
    getToken: connection.getToken,
    timeoutMs: 10_000,
  });
  return async (event) => {
    await client.POST('/audit/events', {
      headers: { 'x-acting-tenant': event.tenantId, 'x-acting-user': event.userId },
      body: { events: [event] },
    });
  };
}
