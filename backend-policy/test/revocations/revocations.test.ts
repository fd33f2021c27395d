import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Revocation } from '@steward/contracts';
import { testScope } from '@steward/service-kit/test-support';
import { PolicyAdministration } from '../../src/policies/service.ts';
import type { PolicyRepository } from '../../src/policies/repository.ts';
import { RevocationFeed, visibleTo } from '../../src/revocations/revocation-feed.ts';
import { PolicyWorld, careful, readOnly } from '../support/policy-world.ts';
import { storeNames, usePolicyStores } from '../support/policy-stores.ts';

const sessionId = `sess_${'1'.padStart(26, '0')}`;
const stores = usePolicyStores();

describe.each(storeNames)('the revocation stream kept in %s', (store) => {
  let repository: PolicyRepository;
  let world: PolicyWorld;
  beforeEach(async () => {
    repository = await stores.fresh(store);
    world = await PolicyWorld.open(stores.folder, { policies: repository });
  });
  const list = async (fromSeq = 1, token?: string) =>
    (
      await world.api.get('/revocation-list', {
        token: token ?? (await world.token('alice', ['user'])),
        query: { from_seq: fromSeq },
      })
    ).body as { items: Revocation[]; lastSeq: number };
  const revoke = async (body: object) => world.api.post('/revocations', { token: await world.token(), body });
  const bundle = async () =>
    world.api.get('/policy-bundles', {
      token: await world.token('session-service', ['service']),
      headers: { 'x-acting-tenant': 'acme' },
      query: { tenantId: 'acme', userId: 'alice', sessionId },
    });

  it('holds everything that narrows what runs, without a gap, with what the next bundle will be', async () => {
    const { version } = await world.draft(readOnly);
    await world.publish(version);
    const token = await world.token();
    await world.api.put('/kill-switch', { token, body: { active: true, reason: 'An incident.' } });
    await world.api.put('/kill-switch', { token, body: { active: true, reason: 'An incident.' } });
    await revoke({ kind: 'bundle_revoked', policyBundleVersion: 3, reason: 'Wrong.' });
    await revoke({ kind: 'session_revoked', sessionId, reason: 'Lost laptop.' });

    const { items, lastSeq } = await list();

    const at = '2026-02-21T15:04:22.000Z';
    expect(items).toEqual([
      { seq: 1, kind: 'policy_activated', at, reason: 'Because.', policyBundleVersion: 2, version },
      { seq: 2, kind: 'kill_switch_on', at, reason: 'An incident.', policyBundleVersion: 3, version },
      { seq: 3, kind: 'bundle_revoked', at, reason: 'Wrong.', policyBundleVersion: 3, version },
      { seq: 4, kind: 'session_revoked', at, reason: 'Lost laptop.', sessionId },
    ]);
    expect(lastSeq).toBe(4);
    expect((await list(4)).items.map(({ seq }) => seq)).toEqual([4]);
    expect((await list(5)).items).toEqual([]);
  });

  it('numbers changes that happen at the same moment one after the other', async () => {
    const token = await world.token();
    await list();

    await Promise.all(
      [1, 2, 3].map((n) =>
        world.api.post('/revocations', { token, body: { kind: 'user_disabled', userId: `u${n}`, reason: 'x' } }),
      ),
    );

    expect((await list(1, token)).items.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it('gives no bundle to a revoked session or a disabled person, and again once the person is enabled', async () => {
    await revoke({ kind: 'user_disabled', userId: 'alice', reason: 'Left.' });
    const disabled = await bundle();
    await revoke({ kind: 'user_enabled', userId: 'alice', reason: 'Back.' });
    const enabled = await bundle();
    await revoke({ kind: 'session_revoked', sessionId, reason: 'Lost laptop.' });
    const revoked = await bundle();

    expect([disabled.status, disabled.body.details.reasonCodes]).toEqual([403, ['USER_DISABLED']]);
    expect(enabled.status).toBe(200);
    expect([revoked.status, revoked.body.details.reasonCodes]).toEqual([403, ['SESSION_REVOKED']]);
  });

  it('issues newer bundles than the revoked ones, and refuses to revoke what was never issued', async () => {
    const never = await revoke({ kind: 'bundle_revoked', policyBundleVersion: 9, reason: 'x' });
    await revoke({ kind: 'bundle_revoked', policyBundleVersion: 1, reason: 'x' });

    expect(never.status).toBe(409);
    expect((await bundle()).body.policyBundleVersion).toBe(2);
  });

  it('refuses a revocation without its subject, and an admin who would lock themselves out', async () => {
    const empty = await revoke({ kind: 'session_revoked', reason: 'x' });
    const self = await revoke({ kind: 'user_disabled', userId: 'carol', reason: 'x' });

    expect([empty.status, empty.body.details.field]).toEqual([400, 'sessionId']);
    expect(self.status).toBe(409);
  });

  it('follows: what is there, then what comes, from this process and from another', async () => {
    const scope = testScope('acme');
    const deps = { policies: repository, initialPolicy: careful, clock: world.clock, newId: newIds() };
    const other = new PolicyAdministration(deps);
    const mine = new PolicyAdministration({ ...deps, onChange: (changed) => feed.wake(changed) });
    const feed = new RevocationFeed({ policies: mine.revoking, pollMs: 5 });
    const stop = new AbortController();
    await mine.revoking.setKillSwitch({ scope, userId: 'carol' }, true, 'One.');

    const seen: number[] = [];
    const reading = (async () => {
      for await (const item of feed.follow(scope, 1, stop.signal)) {
        if (item === 'heartbeat') continue;
        seen.push(item.seq);
        if (item.seq === 1) await mine.revoking.setKillSwitch({ scope, userId: 'carol' }, false, 'Two.');
        if (item.seq === 2) await other.revoking.setKillSwitch({ scope, userId: 'carol' }, true, 'Three.');
        if (item.seq === 3) stop.abort();
      }
    })();
    await reading;

    expect(seen).toEqual([1, 2, 3]);
  });
});

describe('an entry about a person', () => {
  const entry: Revocation = {
    seq: 1,
    kind: 'user_disabled',
    at: '2026-01-01T00:00:00.000Z',
    reason: 'Left.',
    userId: 'bob',
  };
  const caller = (userId: string, roles: string[]) => ({ userId, roles, isService: false }) as never;

  it('is shown whole to that person and to admins, and to others as a number only', () => {
    const { userId: _userId, ...rest } = entry;

    expect(visibleTo(caller('bob', ['user']), entry)).toEqual(entry);
    expect(visibleTo(caller('carol', ['admin']), entry)).toEqual(entry);
    expect(visibleTo(caller('alice', ['user']), entry)).toEqual({ ...rest, reason: '' });
  });
});

function newIds(): (prefix: string) => string {
  let next = 0;
  return (prefix) => `${prefix}_${String((next += 1)).padStart(26, '0')}`;
}
