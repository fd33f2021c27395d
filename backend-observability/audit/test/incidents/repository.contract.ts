import { beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@steward/sdk';
import type { Incident } from '../../src/incidents/incident.ts';
import type { IncidentRepository } from '../../src/incidents/repository.ts';
import { second } from '../fixtures.ts';

/** What every store of incidents promises. */
export function describeIncidentRepository(name: string, create: () => IncidentRepository): void {
  describe(`incidents in ${name}`, () => {
    let incidents: IncidentRepository;
    let tenantId: string;

    beforeEach(() => {
      incidents = create();
      tenantId = newId('sess');
    });

    const incident = (changes: Partial<Incident> = {}): Incident => ({
      incidentId: newId('inc'),
      tenantId,
      title: 'The gateway does not answer',
      severity: 'error',
      status: 'open',
      openedBy: 'erin',
      createdAt: second(1),
      updatedAt: second(1),
      ...changes,
    });

    it('finds an incident within its tenant only', async () => {
      const opened = incident({ description: 'since noon', workspaceId: newId('ws') });
      await incidents.open(opened);

      expect(await incidents.find(tenantId, opened.incidentId)).toEqual(opened);
      expect(await incidents.find('other', opened.incidentId)).toBeUndefined();
    });

    it('opens one incident for many openings with one key', async () => {
      const candidates = Array.from({ length: 6 }, () => incident());

      const results = await Promise.all(
        candidates.map((candidate) => incidents.open(candidate, { key: 'gateway-down', contentDigest: 'digest' })),
      );

      const opened = candidates[results.findIndex(({ outcome }) => outcome === 'opened')];
      expect(results.filter(({ outcome }) => outcome === 'opened')).toHaveLength(1);
      expect(results.filter(({ outcome }) => outcome === 'exists')[0]).toEqual({
        outcome: 'exists',
        incidentId: opened?.incidentId,
        contentDigest: 'digest',
      });
      expect((await incidents.list(tenantId, {})).items).toEqual([opened]);
    });

    it('keeps the keys of tenants apart', async () => {
      const opening = { key: 'gateway-down', contentDigest: 'digest' };

      await incidents.open(incident(), opening);
      const other = await incidents.open(incident({ tenantId: `${tenantId}-2` }), opening);

      expect(other).toEqual({ outcome: 'opened' });
    });

    it('lists newest first, page by page', async () => {
      const all = [incident(), incident(), incident()];
      for (const one of all) await incidents.open(one, { key: one.incidentId, contentDigest: 'd' });

      const first = await incidents.list(tenantId, { limit: 2 });
      const second_ = await incidents.list(tenantId, {
        limit: 2,
        ...(first.nextCursor && { cursor: first.nextCursor }),
      });

      expect([first.items, second_.items]).toEqual([[all[2], all[1]], [all[0]]]);
      expect(second_.nextCursor).toBeUndefined();
    });

    it('closes an open incident once', async () => {
      const opened = incident();
      await incidents.open(opened);
      const closing = { closedBy: 'erin', resolution: 'restarted', at: second(5) };

      const closed = await incidents.close(tenantId, opened.incidentId, closing);

      const expected = { ...opened, status: 'closed', closedBy: 'erin', resolution: 'restarted', updatedAt: second(5) };
      expect(closed).toEqual(expected);
      expect(await incidents.find(tenantId, opened.incidentId)).toEqual(expected);
      expect(await incidents.close(tenantId, opened.incidentId, closing)).toBeUndefined();
      expect(await incidents.close('other', opened.incidentId, closing)).toBeUndefined();
      expect(await incidents.close(tenantId, newId('inc'), closing)).toBeUndefined();
    });
  });
}
