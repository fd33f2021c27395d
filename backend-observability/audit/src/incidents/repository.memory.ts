import { pageOf } from '@steward/service-kit';
import type { Page, PageRequest } from '@steward/service-kit';
import type { Incident, OpeningKey } from './incident.ts';
import type { IncidentRepository, Opening } from './repository.ts';

/** Incidents in this process only. */
export class MemoryIncidentRepository implements IncidentRepository {
  readonly #incidents = new Map<string, Incident>();
  readonly #openings = new Map<string, { incidentId: string; contentDigest: string }>();

  async open(incident: Incident, opening?: OpeningKey): Promise<Opening> {
    const openingId = opening && `${incident.tenantId} ${opening.key}`;
    const existing = openingId === undefined ? undefined : this.#openings.get(openingId);
    if (existing !== undefined) return { outcome: 'exists', ...existing };
    if (opening !== undefined && openingId !== undefined) {
      this.#openings.set(openingId, { incidentId: incident.incidentId, contentDigest: opening.contentDigest });
    }
    this.#incidents.set(incident.incidentId, structuredClone(incident));
    return { outcome: 'opened' };
  }

  async find(tenantId: string, incidentId: string): Promise<Incident | undefined> {
    const incident = this.#incidents.get(incidentId);
    return incident?.tenantId === tenantId ? structuredClone(incident) : undefined;
  }

  async list(tenantId: string, page: PageRequest): Promise<Page<Incident>> {
    const newestFirst = (a: string, b: string): number => (a === b ? 0 : a < b ? 1 : -1);
    const incidents = [...this.#incidents.values()]
      .filter((incident) => incident.tenantId === tenantId)
      .sort((a, b) => newestFirst(a.incidentId, b.incidentId));
    return structuredClone(pageOf(incidents, page, ({ incidentId }) => incidentId, newestFirst));
  }

  async close(
    tenantId: string,
    incidentId: string,
    { at, ...closing }: { readonly closedBy: string; readonly resolution: string; readonly at: string },
  ): Promise<Incident | undefined> {
    const incident = await this.find(tenantId, incidentId);
    if (incident?.status !== 'open') return undefined;
    const closed: Incident = { ...incident, ...closing, status: 'closed', updatedAt: at };
    this.#incidents.set(incidentId, closed);
    return structuredClone(closed);
  }
}
