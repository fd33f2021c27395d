import { ScopedMap, pageDescending } from '@steward/service-kit';
import type { Page, PageRequest, TenantScope } from '@steward/service-kit';
import type { Incident, OpeningKey } from './incident.ts';
import type { IncidentRepository, Opening } from './repository.ts';

/** Incidents in this process only. */
export class MemoryIncidentRepository implements IncidentRepository {
  readonly #incidents = new ScopedMap<Incident>();
  readonly #openings = new ScopedMap<{ tenantId: string; incidentId: string; contentDigest: string }>();

  async open(scope: TenantScope, incident: Incident, opening?: OpeningKey): Promise<Opening> {
    const existing = opening && this.#openings.get(scope, opening.key);
    if (existing !== undefined) {
      const { incidentId, contentDigest } = existing;
      return { outcome: 'exists', incidentId, contentDigest };
    }
    const { tenantId, incidentId } = incident;
    this.#incidents.set(scope, incident, incidentId);
    if (opening !== undefined) {
      this.#openings.set(scope, { tenantId, incidentId, contentDigest: opening.contentDigest }, opening.key);
    }
    return { outcome: 'opened' };
  }

  async find(scope: TenantScope, incidentId: string): Promise<Incident | undefined> {
    return this.#incidents.get(scope, incidentId);
  }

  async list(scope: TenantScope, page: PageRequest): Promise<Page<Incident>> {
    return pageDescending(this.#incidents.values(scope), page, ({ incidentId }) => incidentId);
  }

  async close(
    scope: TenantScope,
    incidentId: string,
    { at, ...closing }: { readonly closedBy: string; readonly resolution: string; readonly at: string },
  ): Promise<Incident | undefined> {
    const incident = this.#incidents.get(scope, incidentId);
    if (incident?.status !== 'open') return undefined;
    const closed: Incident = { ...incident, ...closing, status: 'closed', updatedAt: at };
    this.#incidents.set(scope, closed, incidentId);
    return structuredClone(closed);
  }
}
