import { beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@steward/sdk';
import { testScope } from '@steward/service-kit/test-support';
import type { TenantScope } from '@steward/service-kit';
import type { Incident } from '../../src/incidents/incident.ts';
import type { IncidentRepository } from '../../src/incidents/repository.ts';
import { second } from '../fixtures.ts';

/** What every store of incidents promises. */
export function describeIncidentRepository(name: string, create: () => IncidentRepository): void {
  describe(`incidents in ${name}`, () => {
    let incidents: IncidentRepository;
    let tenantId: string;
    let scope: TenantScope;
    const other = testScope('other');

    beforeEach(() => {
      incidents = create();
      tenantId = newId('sess');
      scope = testScope(tenantId);
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
      await incidents.open(scope, opened);

      expect(await incidents.find(scope, opened.incidentId)).toEqual(opened);
      expect(await incidents.find(other, opened.incidentId)).toBeUndefined();
    });

    it('refuses an incident of another tenant', async () => {
      await expect(incidents.open(other, incident())).rejects.toThrow('another tenant');
    });

    it('opens one incident for many openings with one key', async () => {
      const candidates = Array.from({ length: 6 }, () => incident());

      const results = await Promise.all(
        candidates.map((candidate) =>
          incidents.open(scope, candidate, { key: 'gateway-down', contentDigest: 'digest' }),
        ),
      );

      const opened = candidates[results.findIndex(({ outcome }) => outcome === 'opened')];
      expect(results.filter(({ outcome }) => outcome === 'opened')).toHaveLength(1);
      expect(results.filter(({ outcome }) => outcome === 'exists')[0]).toEqual({
        outcome: 'exists',
        incidentId: opened?.incidentId,
        contentDigest: 'digest',
      });
      expect((await incidents.list(scope, {})).items).toEqual([opened]);
    });

    it('keeps the keys of tenants apart', async () => {
      const opening = { key: 'gateway-down', contentDigest: 'digest' };

      await incidents.open(scope, incident(), opening);
      const second_ = await incidents.open(
        testScope(`${tenantId}-2`),
        incident({ tenantId: `${tenantId}-2` }),
        opening,
      );

      expect(second_).toEqual({ outcome: 'opened' });
    });

    it('lists newest first, page by page', async () => {
      const all = [incident(), incident(), incident()];
      for (const one of all) await incidents.open(scope, one, { key: one.incidentId, contentDigest: 'd' });

      const first = await incidents.list(scope, { limit: 2 });
      const second_ = await incidents.list(scope, {
        limit: 2,
        ...(first.nextCursor && { cursor: first.nextCursor }),
      });

      expect([first.items, second_.items]).toEqual([[all[2], all[1]], [all[0]]]);
      expect(second_.nextCursor).toBeUndefined();
    });

    it('closes an open incident once', async () => {
      const opened = incident();
      await incidents.open(scope, opened);
      const closing = { closedBy: 'erin', resolution: 'restarted', at: second(5) };

      const closed = await incidents.close(scope, opened.incidentId, closing);

      const expected = { ...opened, status: 'closed', closedBy: 'erin', resolution: 'restarted', updatedAt: second(5) };
      expect(closed).toEqual(expected);
      expect(await incidents.find(scope, opened.incidentId)).toEqual(expected);
      expect(await incidents.close(scope, opened.incidentId, closing)).toBeUndefined();
      expect(await incidents.close(other, opened.incidentId, closing)).toBeUndefined();
      expect(await incidents.close(scope, newId('inc'), closing)).toBeUndefined();
    });
  });
}
