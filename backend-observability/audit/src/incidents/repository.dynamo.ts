import { absent, isCancelledBy, isConditionFailed, scopedTable } from '@steward/service-kit';
import type { DynamoDeps, Page, PageRequest, ScopedTable, TenantScope } from '@steward/service-kit';
import type { Incident, OpeningKey } from './incident.ts';
import type { IncidentRepository, Opening } from './repository.ts';

/** Incidents in the table `{env}-incidents`; an item `opening#<key>` stands beside each that was opened with a key. */
export class DynamoIncidentRepository implements IncidentRepository {
  readonly #deps: DynamoDeps;

  constructor(deps: DynamoDeps) {
    this.#deps = deps;
  }

  async open(scope: TenantScope, incident: Incident, opening?: OpeningKey): Promise<Opening> {
    const table = this.#table(scope);
    const { tenantId, incidentId, createdAt, updatedAt } = incident;
    const put = table.put({ ...incident }, [], {}, { condition: absent });
    if (opening === undefined) {
      await table.runTogether([put]);
      return { outcome: 'opened' };
    }
    const guardId = `opening#${opening.key}`;
    const guard = {
      tenantId,
      incidentId: guardId,
      openedIncidentId: incidentId,
      contentDigest: opening.contentDigest,
      createdAt,
      updatedAt,
    };
    try {
      await table.runTogether([table.put(guard, [], {}, { condition: absent }), put]);
      return { outcome: 'opened' };
    } catch (error) {
      const existing = isCancelledBy(error, 0) ? await table.get({ id: [], sort: guardId }) : undefined;
      if (existing === undefined) throw error;
      return {
        outcome: 'exists',
        incidentId: String(existing['openedIncidentId']),
        contentDigest: String(existing['contentDigest']),
      };
    }
  }

  async find(scope: TenantScope, incidentId: string): Promise<Incident | undefined> {
    const item = await this.#table(scope).get({ id: [], sort: incidentId });
    return item?.['title'] === undefined ? undefined : (item as unknown as Incident);
  }

  async list(scope: TenantScope, page: PageRequest): Promise<Page<Incident>> {
    const query = {
      id: [],
      and: 'begins_with(incidentId, :prefix)',
      values: { ':prefix': 'inc_' },
      newestFirst: true,
    };
    const found = await this.#table(scope).queryPage(query, page);
    return { ...found, items: found.items as unknown as Incident[] };
  }

  async close(
    scope: TenantScope,
    incidentId: string,
    closing: { readonly closedBy: string; readonly resolution: string; readonly at: string },
  ): Promise<Incident | undefined> {
    const table = this.#table(scope);
    const update = table.update(
      { id: [], sort: incidentId },
      'SET #status = :closed, closedBy = :by, resolution = :resolution, updatedAt = :at',
      {
        condition: '#status = :open',
        names: { '#status': 'status' },
        values: {
          ':open': 'open',
          ':closed': 'closed',
          ':by': closing.closedBy,
          ':resolution': closing.resolution,
          ':at': closing.at,
        },
      },
    );
    try {
      return (await table.run(update)) as unknown as Incident;
    } catch (error) {
      if (isConditionFailed(error)) return undefined;
      throw error;
    }
  }

  #table(scope: TenantScope): ScopedTable {
    return scopedTable(this.#deps, 'incidents', scope);
  }
}
