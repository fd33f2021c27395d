import { createHash } from 'node:crypto';
import { StewardError, digestOf, timestampOf } from '@steward/sdk';
import type { Clock } from '@steward/sdk';
import type { Attempt, Caller, Page, PageRequest } from '@steward/service-kit';
import type { Incident } from './incident.ts';
import type { IncidentRepository } from './repository.ts';

/** What an incident is opened with. */
export interface IncidentInput {
  readonly idempotency_key?: string;
  readonly title: string;
  readonly description?: string;
  readonly severity: Incident['severity'];
  readonly sessionId?: string;
  readonly workspaceId?: string;
}

/** Incidents of a tenant; those of another answer as if they did not exist. */
export class IncidentService {
  readonly #incidents: IncidentRepository;
  readonly #clock: Clock;

  constructor(deps: { readonly incidents: IncidentRepository; readonly clock: Clock }) {
    this.#incidents = deps.incidents;
    this.#clock = deps.clock;
  }

  /**
   * Opens an incident. The same opener with the same `idempotency_key` gets the same incident in its present state;
   * with other facts it is CONFLICT. A redo answers the incident of the first try.
   */
  async open(
    caller: Caller,
    input: IncidentInput,
    attempt: Attempt,
  ): Promise<{ incident: Incident; created: boolean }> {
    const { idempotency_key: chosenKey, ...facts } = input;
    const at = timestampOf(this.#clock);
    const { tenantId, userId } = caller;
    const incidentId = attempt.newId('inc');
    const made = attempt.isRedo ? await this.#incidents.find(caller.scope, incidentId) : undefined;
    if (made !== undefined) return { incident: made, created: true };
    const incident: Incident = {
      incidentId,
      tenantId,
      ...facts,
      status: 'open',
      openedBy: userId,
      createdAt: at,
      updatedAt: at,
    };
    const contentDigest = digestOf(facts);
    const opening = chosenKey === undefined ? undefined : { key: openingKey(userId, chosenKey), contentDigest };
    const result = await this.#incidents.open(caller.scope, incident, opening);
    if (result.outcome === 'opened') return { incident, created: true };
    if (result.contentDigest !== contentDigest) {
      throw new StewardError(
        'CONFLICT',
        'This idempotency_key opened an incident with other facts. Choose a new key for a new incident.',
        {
          details: { incidentId: result.incidentId, reasonCodes: ['idempotency_key_reused'] },
        },
      );
    }
    return { incident: await this.get(caller, result.incidentId), created: false };
  }

  /** Throws NOT_FOUND unless it exists in the caller's tenant. */
  async get(caller: Caller, incidentId: string): Promise<Incident> {
    const incident = await this.#incidents.find(caller.scope, incidentId);
    if (incident !== undefined) return incident;
    throw new StewardError('NOT_FOUND', `Incident ${incidentId} does not exist. Check the id.`, {
      details: { incidentId },
    });
  }

  /** Newest first. */
  list(caller: Caller, page: PageRequest): Promise<Page<Incident>> {
    return this.#incidents.list(caller.scope, page);
  }

  /** Closes an open incident once; the same person with the same resolution again gets the closed one. */
  async close(caller: Caller, incidentId: string, resolution: string): Promise<Incident> {
    const closing = { closedBy: caller.userId, resolution, at: timestampOf(this.#clock) };
    const closed = await this.#incidents.close(caller.scope, incidentId, closing);
    if (closed !== undefined) return closed;
    const present = await this.get(caller, incidentId);
    if (present.closedBy === caller.userId && present.resolution === resolution) return present;
    throw new StewardError(
      'CONFLICT',
      `Incident ${incidentId} is closed already. Open a new one if the matter is not settled.`,
      {
        details: { incidentId },
      },
    );
  }
}

function openingKey(userId: string, chosenKey: string): string {
  return createHash('sha256')
    .update(JSON.stringify([userId, chosenKey]))
    .digest('hex');
}
