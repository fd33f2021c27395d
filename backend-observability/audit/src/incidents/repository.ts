import type { Page, PageRequest, TenantScope } from '@steward/service-kit';
import type { Incident, OpeningKey } from './incident.ts';

/** How opening ended; `exists` names the incident that the key opened before. */
export type Opening =
  | { readonly outcome: 'opened' }
  | { readonly outcome: 'exists'; readonly incidentId: string; readonly contentDigest: string };

/** Where incidents are kept, each tenant by itself. Reads see every acknowledged write. */
export interface IncidentRepository {
  /** Stores a new incident; of several with one opening key exactly one is stored. */
  open(scope: TenantScope, incident: Incident, opening?: OpeningKey): Promise<Opening>;
  /** Only within the tenant. */
  find(scope: TenantScope, incidentId: string): Promise<Incident | undefined>;
  /** Newest first. */
  list(scope: TenantScope, page: PageRequest): Promise<Page<Incident>>;
  /** Closes an open incident; answers undefined when it is not open, or not there. */
  close(
    scope: TenantScope,
    incidentId: string,
    closing: { readonly closedBy: string; readonly resolution: string; readonly at: string },
  ): Promise<Incident | undefined>;
}
