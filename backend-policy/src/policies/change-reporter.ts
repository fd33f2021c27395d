import type { EventEnvelope } from '@steward/contracts';
import type { AuditPaths, NewId } from '@steward/sdk';
import { createServiceClient } from '@steward/sdk';
import type { createLogger } from '@steward/service-kit';

/** A change to what is in force for a tenant. */
export interface PolicyChange {
  readonly tenantId: string;
  /** Who made it. */
  readonly by: string;
  readonly change: 'published' | 'rolled_back' | 'kill_switch_on' | 'kill_switch_off';
  /** The policy version that is in force now. */
  readonly version: number;
  readonly reason: string;
  readonly at: string;
}

/** Delivers one event for a person of a tenant; rejects when it did not arrive. */
export type SendAuditEvent = (change: PolicyChange, event: EventEnvelope) => Promise<void>;

/** What the reporter needs. */
export interface ChangeReporterDeps {
  /** Absent: changes are logged only. */
  readonly send?: SendAuditEvent;
  readonly logger: Pick<ReturnType<typeof createLogger>, 'info' | 'warn' | 'error'>;
  readonly newId: NewId;
  /** Resolves after `ms` milliseconds. */
  wait(ms: number): Promise<void>;
}

const tries = 10;
const firstPauseMs = 500;
const longestPauseMs = 60_000;

/**
 * Tells the Audit Service of every change to a policy, in order and beside the request that made it. What does not
 * arrive is sent again with growing pauses under the same event id, and at last logged as an error with all its facts.
 */
export class ChangeReporter {
  readonly #deps: ChangeReporterDeps;
  #delivered: Promise<void> = Promise.resolve();
  readonly #closing = new AbortController();

  constructor(deps: ChangeReporterDeps) {
    this.#deps = deps;
  }

  /** Takes a change and returns at once. */
  report(change: PolicyChange): void {
    const { send, logger, newId } = this.#deps;
    logger.info({ ...change }, 'policy changed');
    if (send === undefined) return;
    const event = eventOf(change, newId('evt'));
    this.#delivered = this.#delivered.then(() => this.#deliver(change, event, send));
  }

  /** Resolves when everything was delivered or given up; what waits is tried once more, now. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#delivered;
  }

  async #deliver(change: PolicyChange, event: EventEnvelope, send: SendAuditEvent): Promise<void> {
    const { logger } = this.#deps;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await send(change, event);
      } catch (error) {
        if (attempt >= tries || this.#closing.signal.aborted)
          return logger.error({ err: error, auditEvent: event }, 'a policy change did not reach the Audit Service');
        logger.warn({ err: error, attempt }, 'a policy change waits for the Audit Service');
      }
      await this.#pause(Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1)));
    }
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#closing;
    return new Promise((resolve) => {
      const end = (): void => {
        signal.removeEventListener('abort', end);
        resolve();
      };
      signal.addEventListener('abort', end);
      if (signal.aborted) end();
      void this.#deps.wait(ms).then(end);
    });
  }
}

function eventOf({ tenantId, by, at, ...facts }: PolicyChange, eventId: string): EventEnvelope {
  return {
    eventId,
    eventType: 'policy_changed',
    timestamp: at,
    tenantId,
    userId: by,
    component: 'PolicyService',
    boundedContext: 'PolicyGuardrails',
    severity: facts.change === 'kill_switch_on' ? 'warning' : 'info',
    principal: { type: 'user', id: by },
    payload: facts,
  };
}

/** Sends over HTTP, with this service's own token and the person named in acting headers. */
export function createAuditSender(connection: { baseUrl: string; getToken: () => Promise<string> }): SendAuditEvent {
  const client = createServiceClient<AuditPaths>(connection.baseUrl, {
    getToken: connection.getToken,
    timeoutMs: 10_000,
  });
  return async ({ tenantId, by }, event) => {
    await client.POST('/audit/events', {
      headers: { 'x-acting-tenant': tenantId, 'x-acting-user': by },
      body: { events: [event] },
    });
  };
}
