import { describe, expect, it } from '@jest/globals';
import { starterPolicies } from '@steward/policy-engine';
import { systemScope } from '@steward/service-kit';
import { testScope } from '@steward/service-kit/test-support';
import type { PolicyVersion, TenantPolicyState } from '../../src/policies/policy.ts';
import type { PolicyRepository, RecordQuery } from '../../src/policies/repository.ts';

const acme = testScope('acme');
const globex = testScope('globex');
const now = '2026-02-21T15:00:00.000Z';
const content = starterPolicies['Read only']!;

function version(number: number, changes: Partial<PolicyVersion> = {}): PolicyVersion {
  return {
    version: number,
    status: 'draft',
    revision: 1,
    content,
    createdAt: now,
    createdBy: 'carol',
    updatedAt: now,
    ...changes,
  };
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
      await policies.commit(acme, state(1), [version(1, { status: 'active' })]);

      expect(await policies.state(acme)).toMatchObject(state(1));
      expect(await policies.get(acme, 1)).toEqual(version(1, { status: 'active' }));
      expect(await policies.state(globex)).toBeUndefined();
      expect(await policies.get(globex, 1)).toBeUndefined();
      expect(await policies.list(globex, {})).toEqual({ items: [] });
    });

    it('refuses a state of another tenant than the scope names', async () => {
      const policies = await fresh();

      await expect(policies.commit(globex, state(1), [version(1)])).rejects.toThrow('another tenant');
      expect(await policies.state(acme)).toBeUndefined();
      expect(await policies.state(globex)).toBeUndefined();
    });

    it('refuses a commit that is based on an older revision and stores none of its versions', async () => {
      const policies = await fresh();
      await policies.commit(acme, state(1), [version(1)]);
      await policies.commit(acme, state(2, { lastVersion: 2 }), [version(2)]);

      await expect(policies.commit(acme, state(2, { lastVersion: 3 }), [version(3)])).rejects.toMatchObject({
        code: 'CONFLICT',
      });
      await expect(policies.commit(acme, state(1), [version(1, { createdBy: 'somebody else' })])).rejects.toMatchObject(
        {
          code: 'CONFLICT',
        },
      );

      expect(await policies.get(acme, 3)).toBeUndefined();
      expect(await policies.get(acme, 1)).toEqual(version(1));
    });

    it('stores rows with the change they belong to, and none of them when the change is refused', async () => {
      const policies = await fresh();
      await policies.commit(acme, state(1), [version(1)], [{ key: 'c01', body: { at: now, by: 'carol' } }]);
      const late = policies.commit(acme, state(1), [], [{ key: 'c02', body: { at: now } }]);

      await expect(late).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(await policies.record(acme, 'c01')).toEqual({ at: now, by: 'carol' });
      expect(await policies.record(acme, 'c02')).toBeUndefined();
      expect(await policies.record(globex, 'c01')).toBeUndefined();
    });

    it('lists rows of one kind in both directions from a key on, and removes them', async () => {
      const policies = await fresh();
      await policies.commit(acme, state(1), [version(1)]);
      for (const key of ['r01', 'r02', 'r03', 'r04', 's01'])
        await policies.putRecord(acme, { key, body: { key, at: now } });
      await policies.putRecord(acme, { key: 'r03', body: undefined });
      const keys = (rows: readonly { key: string }[]): string[] => rows.map(({ key }) => key);

      const forward = await policies.records(acme, { prefix: 'r', after: 'r01', limit: 10 });
      const backward = await policies.records(acme, { prefix: 'r', limit: 2, newestFirst: true });
      const others = await policies.records(globex, { prefix: 'r', limit: 10 });

      expect([keys(forward), keys(backward), keys(others)]).toEqual([['r02', 'r04'], ['r04', 'r02'], []]);
      expect((await policies.list(acme, {})).items).toEqual([version(1)]);
    });

    it('lists versions newest first, page by page, beyond nine', async () => {
      const policies = await fresh();
      for (let number = 1; number <= 11; number += 1)
        await policies.commit(acme, state(number, { lastVersion: number }), [version(number)]);

      const seen: number[] = [];
      let cursor: string | undefined;
      do {
        const page = await policies.list(acme, { limit: 4, ...(cursor === undefined ? {} : { cursor }) });
        seen.push(...page.items.map((item) => item.version));
        cursor = page.nextCursor;
      } while (cursor !== undefined);

      expect(seen).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    });

    it('keeps rows beside the versions, by the order of their keys and per tenant', async () => {
      const policies = await fresh();
      const keys = ['c#1', 'c#2', 'c#3', 'r#1'];
      await policies.commit(acme, state(1), [version(1)], [{ key: 'c#1', body: { n: 1 } }]);
      for (const key of keys.slice(1)) await policies.putRecord(acme, { key, body: { key } });

      const list = async (query: Partial<RecordQuery>, scope = acme) =>
        (await policies.records(scope, { prefix: 'c#', limit: 10, ...query })).map(({ key }) => key);

      expect(await policies.record(acme, 'c#1')).toEqual({ n: 1 });
      expect(await list({})).toEqual(['c#1', 'c#2', 'c#3']);
      expect(await list({ after: 'c#1', limit: 1 })).toEqual(['c#2']);
      expect(await list({ after: 'c#3', newestFirst: true })).toEqual(['c#2', 'c#1']);
      expect(await list({}, globex)).toEqual([]);
      expect(await policies.record(globex, 'c#1')).toBeUndefined();
      expect((await policies.list(acme, {})).items).toEqual([version(1)]);
    });

    it('removes a row, of its own tenant only', async () => {
      const policies = await fresh();
      await policies.putRecord(acme, { key: 'c#1', body: 1 });

      await policies.putRecord(globex, { key: 'c#1', body: undefined });
      const kept = await policies.record(acme, 'c#1');
      await policies.putRecord(acme, { key: 'c#1', body: undefined });

      expect([kept, await policies.record(acme, 'c#1')]).toEqual([1, undefined]);
    });

    it('names every tenant to a job that may know, and to no other', async () => {
      const policies = await fresh();
      await policies.commit(acme, state(1), [version(1)]);
      await policies.commit(globex, state(1, { tenantId: 'globex' }), [version(1)]);
      const read = async (job: Parameters<typeof systemScope>[0]) => {
        const found: string[] = [];
        for await (const tenantId of policies.tenants(systemScope(job))) found.push(tenantId);
        return found.sort();
      };

      expect(await read('policy-tenants')).toEqual(['acme', 'globex']);
      await expect(read('workspace-purge')).rejects.toThrow('may not read policies');
    });
  });
}
