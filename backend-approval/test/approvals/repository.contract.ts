import { describe, expect, it } from '@jest/globals';
import { testScope } from '@steward/service-kit/test-support';
import type { ApprovalRecord } from '../../src/approvals/approval.ts';
import type { ApprovalRepository } from '../../src/approvals/repository.ts';
import { at, makeDecision, makeRequest, now } from './fixtures.ts';

const all = (): boolean => true;
const idsOf = (records: readonly ApprovalRecord[]): string[] => records.map(({ request }) => request.input.approvalId);
const acme = testScope('acme');
const globex = testScope('globex');
let tenants = 0;

/** What every store of approvals keeps to. */
export function describeApprovalRepository(name: string, create: () => ApprovalRepository): void {
  describe(`ApprovalRepository in ${name}`, () => {
    it('gives back what was appended, decision included', async () => {
      const repository = create();
      const request = makeRequest();
      const decision = makeDecision('approved');

      const appended = await repository.appendRequest(acme, request, decision);

      expect(appended).toBe(true);
      expect(await repository.get(acme, request.input.approvalId)).toEqual({ request, decision });
    });

    it('gives back details that hold any JSON', async () => {
      const repository = create();
      let deep: unknown = 'end';
      for (let level = 0; level < 60; level += 1) deep = { '': deep };
      const request = makeRequest({}, { details: { big: 1e296, small: 5e-324, deep, '': [null, ''] } });

      await repository.appendRequest(acme, request);

      expect(await repository.get(acme, request.input.approvalId)).toEqual({ request });
    });

    it('takes an id once within a tenant, and keeps another tenant with the same id apart', async () => {
      const repository = create();
      const request = makeRequest();
      await repository.appendRequest(acme, request);

      const again = await repository.appendRequest(acme, { ...request, createdAt: at(9) }, makeDecision('approved'));
      const foreign = await repository.appendRequest(globex, { ...request, tenantId: 'globex' });

      expect([again, foreign]).toEqual([false, true]);
      expect((await repository.get(globex, request.input.approvalId))?.request.tenantId).toBe('globex');
      await expect(repository.appendRequest(acme, makeRequest({ tenantId: 'globex' }))).rejects.toThrow(
        'another tenant',
      );
      expect(await repository.get(acme, request.input.approvalId)).toEqual({ request });
    });

    it('lets exactly one of many concurrent decisions win', async () => {
      const repository = create();
      const request = makeRequest();
      const { approvalId } = request.input;
      await repository.appendRequest(acme, request);
      const decisions = (['approved', 'denied', 'approved', 'timeout', 'cancelled'] as const).map((decision, index) =>
        makeDecision(decision, index),
      );

      const won = await Promise.all(decisions.map((decision) => repository.appendDecision(acme, approvalId, decision)));

      expect(won.filter(Boolean)).toHaveLength(1);
      expect(await repository.get(acme, approvalId)).toEqual({ request, decision: decisions[won.indexOf(true)] });
    });

    it('keeps a hold beside the later decision', async () => {
      const repository = create();
      const request = makeRequest();
      const { approvalId } = request.input;
      const [hold, decision] = [makeDecision('held', 5), makeDecision('denied', 900)];
      await repository.appendRequest(acme, request);

      const held = [
        await repository.appendHold(acme, approvalId, hold),
        await repository.appendHold(acme, approvalId, hold),
      ];
      await repository.appendDecision(acme, approvalId, decision);

      expect(held).toEqual([true, false]);
      expect(await repository.get(acme, approvalId)).toEqual({ request, hold, decision });
    });

    it('shows and gives nothing to another tenant', async () => {
      const repository = create();
      const stranger = testScope(`stranger-${++tenants}`);
      const request = makeRequest();
      const { approvalId, sessionId } = request.input;
      await repository.appendRequest(acme, request);

      const decided = await repository.appendDecision(stranger, approvalId, makeDecision('approved'));
      const held = await repository.appendHold(stranger, approvalId, makeDecision('held'));
      const listed = await repository.listBySession(stranger, sessionId, {}, all);
      const byStatus = await repository.listByStatus(stranger, 'pending', {}, all, now);

      expect([
        decided,
        held,
        await repository.get(stranger, approvalId),
        idsOf(listed.items),
        idsOf(byStatus.items),
      ]).toEqual([false, false, undefined, [], []]);
      expect(await repository.get(acme, approvalId)).toEqual({ request });
    });

    it('decides nothing that was never asked', async () => {
      const repository = create();
      const { approvalId } = makeRequest().input;

      expect(await repository.appendDecision(acme, approvalId, makeDecision('approved'))).toBe(false);
      expect(await repository.appendHold(acme, approvalId, makeDecision('held'))).toBe(false);
      expect(await repository.get(acme, approvalId)).toBeUndefined();
    });

    it('lists a session newest first, page by page', async () => {
      const repository = create();
      const sessionId = `sess_${String(++tenants).padStart(26, '9')}`;
      const requests = [0, 1, 2, 3, 4].map((second) => makeRequest({ createdAt: at(second) }, { sessionId }));
      for (const request of requests) await repository.appendRequest(acme, request);

      const first = await repository.listBySession(acme, sessionId, { limit: 2 }, all);
      const second = await repository.listBySession(acme, sessionId, { limit: 2, cursor: first.nextCursor ?? '' }, all);
      const third = await repository.listBySession(acme, sessionId, { limit: 2, cursor: second.nextCursor ?? '' }, all);

      const newestFirst = idsOf(requests.map((request) => ({ request }))).reverse();
      expect([idsOf(first.items), idsOf(second.items), idsOf(third.items)]).toEqual([
        newestFirst.slice(0, 2),
        newestFirst.slice(2, 4),
        newestFirst.slice(4),
      ]);
      expect(third.nextCursor).toBeUndefined();
    });

    it('lists by the status that an approval has now, filtered pages still full', async () => {
      const repository = create();
      const tenantId = `tenant-${++tenants}`;
      const scope = testScope(tenantId);
      const requests = [0, 1, 2, 3, 4, 5].map((second) =>
        makeRequest({ tenantId, createdAt: at(second), userId: second % 2 === 0 ? 'alice' : 'bob' }),
      );
      for (const request of requests) await repository.appendRequest(scope, request);
      const ids = requests.map(({ input }) => input.approvalId);
      await repository.appendHold(scope, ids[0]!, makeDecision('held', 20));
      await repository.appendDecision(scope, ids[0]!, makeDecision('approved', 40));
      await repository.appendHold(scope, ids[1]!, makeDecision('held', 21));
      await repository.appendDecision(scope, ids[2]!, makeDecision('approved', 30));

      const list = async (status: 'pending' | 'held' | 'approved', limit?: number) =>
        idsOf((await repository.listByStatus(scope, status, limit === undefined ? {} : { limit }, all, now)).items);
      const bobs = await repository.listByStatus(
        scope,
        'pending',
        { limit: 2 },
        ({ request }) => request.userId === 'bob',
        now,
      );

      expect(await list('pending')).toEqual([ids[5], ids[4], ids[3]]);
      expect(await list('held')).toEqual([ids[1]]);
      expect(await list('approved')).toEqual([ids[0], ids[2]]);
      expect(await list('pending', 1)).toEqual([ids[5]]);
      expect([idsOf(bobs.items), bobs.nextCursor]).toEqual([[ids[5], ids[3]], undefined]);
    });

    it('refuses a cursor of another list', async () => {
      const cursor = Buffer.from('{"approvalId":"x"}').toString('base64url');

      const attempt = async (): Promise<unknown> =>
        create().listBySession(acme, makeRequest().input.sessionId, { cursor: `${cursor}!` }, all);

      // A store may also read it as a position where nothing follows; it never fails in another way.
      await attempt().catch((error: unknown) => expect(error).toMatchObject({ code: 'INVALID_REQUEST' }));
    });
  });
}
