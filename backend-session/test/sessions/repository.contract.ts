import { describe, expect, it } from '@jest/globals';
import { testScope } from '@steward/service-kit/test-support';
import type { SessionRepository } from '../../src/sessions/repository.ts';
import type { StoredSession } from '../../src/sessions/session.ts';

const at = (minute: number): string => `2026-02-21T15:${String(minute).padStart(2, '0')}:00.000Z`;

/** A stored session; the number makes its id, its creation time and nothing else. */
export function storedSession(number: number, changes: Partial<StoredSession> = {}): StoredSession {
  return {
    sessionId: `sess_${String(number).padStart(26, '0')}`,
    workspaceId: `ws_${'1'.padStart(26, '0')}`,
    tenantId: 'acme',
    userId: 'alice',
    status: 'SESSION_CREATED',
    executionEnvironment: 'desktop',
    policyBundleVersion: 1,
    expiresAt: '2026-03-23T15:00:00.000Z',
    createdAt: at(number),
    updatedAt: at(number),
    revision: 1,
    ...changes,
  };
}

const acme = testScope('acme');
const globex = testScope('globex');
const alice = { userId: 'alice' };

/** What every store of sessions promises. `fresh` gives an empty one. */
export function sessionRepositoryContract(store: string, fresh: () => Promise<SessionRepository>): void {
  describe(`sessions in ${store}`, () => {
    it('gives back what was stored, to its owner and to a service of the tenant', async () => {
      const sessions = await fresh();
      await sessions.create(acme, storedSession(1));

      const mine = await sessions.get(acme, alice, storedSession(1).sessionId);
      const tenants = await sessions.get(acme, {}, storedSession(1).sessionId);

      expect(mine).toEqual(storedSession(1));
      expect(tenants).toEqual(storedSession(1));
    });

    it('answers other people and tenants as if the session did not exist', async () => {
      const sessions = await fresh();
      await sessions.create(acme, storedSession(1));

      expect(await sessions.get(acme, { userId: 'bob' }, storedSession(1).sessionId)).toBeUndefined();
      expect(await sessions.get(globex, alice, storedSession(1).sessionId)).toBeUndefined();
      expect(await sessions.list(globex, alice, {})).toEqual({ items: [] });
    });

    it('keeps a session of the same id in two tenants apart', async () => {
      const sessions = await fresh();
      const theirs = storedSession(1, { tenantId: 'globex', title: 'theirs' });

      await sessions.create(acme, storedSession(1));
      await sessions.create(globex, theirs);

      expect(await sessions.get(acme, alice, theirs.sessionId)).toEqual(storedSession(1));
      expect(await sessions.get(globex, alice, theirs.sessionId)).toEqual(theirs);
      expect((await sessions.list(globex, alice, {})).items).toEqual([theirs]);
    });

    it('reads a cursor of another tenant as a place of its own list', async () => {
      const sessions = await fresh();
      for (const number of [1, 2, 3]) await sessions.create(acme, storedSession(number));
      await sessions.create(globex, storedSession(1, { tenantId: 'globex' }));
      const cursor = (await sessions.list(acme, alice, { limit: 1 })).nextCursor!;

      const page = await sessions.list(globex, alice, { cursor });

      expect(page.items.every((session) => session.tenantId === 'globex')).toBe(true);
    });

    it('refuses a second session of the same id', async () => {
      const sessions = await fresh();
      await sessions.create(acme, storedSession(1));

      await expect(sessions.create(acme, storedSession(1, { userId: 'bob' }))).rejects.toMatchObject({
        code: 'CONFLICT',
      });
      expect(await sessions.get(acme, alice, storedSession(1).sessionId)).toEqual(storedSession(1));
    });

    it('refuses a change that is based on an older revision', async () => {
      const sessions = await fresh();
      await sessions.create(acme, storedSession(1));
      const second = storedSession(1, { title: 'first change', revision: 2 });
      await sessions.replace(acme, second);

      await expect(
        sessions.replace(acme, storedSession(1, { title: 'lost change', revision: 2 })),
      ).rejects.toMatchObject({
        code: 'CONFLICT',
      });
      expect(await sessions.get(acme, alice, second.sessionId)).toEqual(second);
    });

    it('refuses a change to a session of another tenant', async () => {
      const sessions = await fresh();
      await sessions.create(acme, storedSession(1));

      const theirs = storedSession(1, { tenantId: 'globex', revision: 2 });

      await expect(sessions.replace(globex, theirs)).rejects.toMatchObject({ code: 'CONFLICT' });
      await expect(sessions.replace(acme, theirs)).rejects.toThrow('another tenant');
      await expect(sessions.create(acme, { ...theirs, sessionId: storedSession(2).sessionId })).rejects.toThrow(
        'another tenant',
      );
      expect(await sessions.get(acme, alice, theirs.sessionId)).toEqual(storedSession(1));
    });

    it('lists newest first, page by page, each session once', async () => {
      const sessions = await fresh();
      for (const number of [1, 2, 3, 4, 5]) await sessions.create(acme, storedSession(number));
      await sessions.create(acme, storedSession(6, { userId: 'bob' }));

      const seen: number[] = [];
      let cursor: string | undefined;
      do {
        const page = await sessions.list(acme, alice, { limit: 2, ...(cursor === undefined ? {} : { cursor }) });
        seen.push(...page.items.map((item) => Number(item.sessionId.slice(5))));
        cursor = page.nextCursor;
      } while (cursor !== undefined);

      expect(seen).toEqual([5, 4, 3, 2, 1]);
    });

    it('lists only the sessions of the workspace that is named', async () => {
      const sessions = await fresh();
      const other = `ws_${'2'.padStart(26, '0')}`;
      await sessions.create(acme, storedSession(1));
      await sessions.create(acme, storedSession(2, { workspaceId: other }));

      expect(await sessions.list(acme, alice, {}, other)).toEqual({
        items: [storedSession(2, { workspaceId: other })],
      });
    });

    it('keeps its own copy of what it was given', async () => {
      const sessions = await fresh();
      const given = {
        ...storedSession(1),
        clientInfo: { desktopAppVersion: '0.1.0', localAgentHostVersion: '0.1.0', osFamily: 'Linux' as const },
      };
      await sessions.create(acme, given);
      given.clientInfo.desktopAppVersion = 'changed';

      expect((await sessions.get(acme, alice, given.sessionId))?.clientInfo?.desktopAppVersion).toBe('0.1.0');
    });
  });
}
