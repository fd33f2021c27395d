import { describe, expect, it } from '@jest/globals';
import { starterPolicies } from '@steward/policy-engine';
import type { PolicyVersion, TenantPolicyState } from '../../src/policies/policy.ts';
import type { PolicyRepository } from '../../src/policies/repository.ts';

const now = '2026-02-21T15:00:00.000Z';
const content = starterPolicies['Read only']!;

function version(number: number, changes: Partial<PolicyVersion> = {}): PolicyVersion {
  return { version: number, status: 'draft', content, createdAt: now, createdBy: 'carol', updatedAt: now, ...changes };
}

function state(revision: number, changes: Partial<TenantPolicyState> = {}): TenantPolicyState {
  return {
    tenantId: 'acme',
    lastVersion: 1,
    activeVersion: 1,
    bundleVersion: 1,
    killSwitch: { active: false, updatedAt: now },
    revision,
    ...changes,
  };
}

/** What every store of policies promises. `fresh` gives an empty one. */
export function policyRepositoryContract(store: string, fresh: () => Promise<PolicyRepository>): void {
  describe(`policies in ${store}`, () => {
    it('gives back state and versions as they were committed, to their tenant only', async () => {
      const policies = await fresh();
      await policies.commit(state(1), [version(1, { status: 'active' })]);

      expect(await policies.state('acme')).toMatchObject(state(1));
      expect(await policies.get('acme', 1)).toEqual(version(1, { status: 'active' }));
      expect(await policies.state('globex')).toBeUndefined();
      expect(await policies.get('globex', 1)).toBeUndefined();
      expect(await policies.list('globex', {})).toEqual({ items: [] });
    });

    it('refuses a commit that is based on an older revision and stores none of its versions', async () => {
      const policies = await fresh();
      await policies.commit(state(1), [version(1)]);
      await policies.commit(state(2, { lastVersion: 2 }), [version(2)]);

      await expect(policies.commit(state(2, { lastVersion: 3 }), [version(3)])).rejects.toMatchObject({
        code: 'CONFLICT',
      });
      await expect(policies.commit(state(1), [version(1, { createdBy: 'somebody else' })])).rejects.toMatchObject({
        code: 'CONFLICT',
      });

      expect(await policies.get('acme', 3)).toBeUndefined();
      expect(await policies.get('acme', 1)).toEqual(version(1));
    });

    it('lists versions newest first, page by page, beyond nine', async () => {
      const policies = await fresh();
      for (let number = 1; number <= 11; number += 1)
        await policies.commit(state(number, { lastVersion: number }), [version(number)]);

      const seen: number[] = [];
      let cursor: string | undefined;
      do {
        const page = await policies.list('acme', { limit: 4, ...(cursor === undefined ? {} : { cursor }) });
        seen.push(...page.items.map((item) => item.version));
        cursor = page.nextCursor;
      } while (cursor !== undefined);

      expect(seen).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    });
  });
}
