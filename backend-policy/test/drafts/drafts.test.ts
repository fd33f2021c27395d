import { beforeEach, describe, expect, it } from '@jest/globals';
import { PolicyWorld, careful, readOnly } from '../support/policy-world.ts';
import { storeNames, usePolicyStores } from '../support/policy-stores.ts';

const stores = usePolicyStores();

describe.each(storeNames)('drafts kept in %s', (store) => {
  let world: PolicyWorld;
  beforeEach(async () => {
    world = await PolicyWorld.open(stores.folder, { policies: await stores.fresh(store) });
  });
  const put = async (version: number, body: object, sub = 'carol') =>
    world.api.put(`/policies/${version}`, { token: await world.token(sub), body });

  it('tells the second of two admins, with the draft as it is now, and loses nothing', async () => {
    const { version, revision } = await world.draft(careful);
    const first = await put(version, { content: { ...careful, name: 'First' }, revision });

    const second = await put(version, { content: { ...careful, name: 'Second' }, revision }, 'dora');
    const again = await put(
      version,
      { content: { ...careful, name: 'Second' }, revision: first.body.revision },
      'dora',
    );

    expect([first.status, first.body.revision]).toEqual([200, 2]);
    expect([second.status, second.body.code]).toEqual([409, 'CONFLICT']);
    expect(second.body.details.current).toEqual(first.body);
    expect(again.body).toMatchObject({ revision: 3, updatedBy: 'dora', content: { name: 'Second' } });
  });

  it('lets two admins who save at the same moment never both win', async () => {
    const { version, revision } = await world.draft(careful);

    const answers = await Promise.all(
      ['carol', 'dora', 'eve'].map((sub) => put(version, { content: { ...careful, name: sub }, revision }, sub)),
    );

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  });

  it('publishes the draft that was seen, and no draft that changed since', async () => {
    const { version, revision } = await world.draft(careful);
    await put(version, { content: readOnly, revision });

    const stale = await world.publish(version, { revision });
    const seen = await world.publish(version, { revision: revision + 1 });

    expect([stale.status, stale.body.details.current.revision]).toEqual([409, 2]);
    expect([seen.status, seen.body.status]).toEqual([200, 'active']);
  });

  it('begins from a template, from another version, and changes nothing that was published', async () => {
    const token = await world.token();
    const fromTemplate = await world.api.post('/policies', { token, body: { template: 'Locked down' } });
    const fromVersion = await world.api.post('/policies', { token, body: { basedOnVersion: 1 } });
    const unknown = await world.api.post('/policies', { token, body: { template: 'Anything goes' } });
    const published = await put(1, { content: readOnly, revision: 1 });

    expect(fromTemplate.body.content.name).toBe('Locked down');
    expect(fromVersion.body).toMatchObject({ basedOnVersion: 1, content: { name: 'Careful developer' } });
    expect([unknown.status, published.status]).toEqual([400, 409]);
  });

  it('shows who changed what, when and why, newest first and page by page', async () => {
    const { version } = await world.draft(readOnly);
    await world.publish(version);
    await world.api.put('/kill-switch', {
      token: await world.token(),
      body: { active: true, reason: 'An incident.' },
    });
    const token = await world.token('dave', ['auditor']);

    const first = (await world.api.get('/policy-history', { token, query: { limit: 2 } })).body;
    const rest = (await world.api.get('/policy-history', { token, query: { limit: 2, cursor: first.nextCursor } }))
      .body;

    const facts = [...first.items, ...rest.items].map(({ change, by, reason, at }) => [change, by, reason, at]);
    const at = '2026-02-21T15:04:22.000Z';
    expect(facts).toEqual([
      ['kill_switch_on', 'carol', 'An incident.', at],
      ['published', 'carol', 'Because.', at],
      ['draft_created', 'carol', 'A draft was begun.', at],
    ]);
    expect(rest.nextCursor).toBeUndefined();
  });

  it('lets auditors read and nobody but admins change', async () => {
    const { version, revision } = await world.draft(careful);
    const token = await world.token('dave', ['auditor']);
    const user = await world.token('alice', ['user']);

    const read = await world.api.get('/policies', { token, query: { status: 'draft' } });
    const change = await world.api.put(`/policies/${version}`, { token, body: { content: careful, revision } });
    const others = await Promise.all([
      world.api.get('/policies', { token: user }),
      world.api.post('/policy-diff', { token: user, body: { toVersion: 1 } }),
      world.api.post('/policy-validation', { token: user, body: { text: '{}' } }),
      world.api.post('/revocations', {
        token: user,
        body: { kind: 'bundle_revoked', reason: 'x', policyBundleVersion: 1 },
      }),
    ]);

    expect(read.body.items.map((item: { version: number }) => item.version)).toEqual([version]);
    expect([change.status, ...others.map(({ status }) => status)]).toEqual([403, 403, 403, 403, 403]);
  });
});
