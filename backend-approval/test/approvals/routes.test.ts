import { beforeEach, describe, expect, it } from '@jest/globals';
import { compactVerify, createLocalJWKSet } from 'jose';
import { createSigningKeys } from '@steward/service-kit';
import { callService, createManualClock, createTestIssuer, silentLogger } from '@steward/service-kit/test-support';
import type { ManualClock, ServiceCaller } from '@steward/service-kit/test-support';
import { createApp } from '../../src/app.ts';
import { MemoryApprovalRepository } from '../../src/approvals/repository.memory.ts';
import { actionDigest, at, makeInput, now, sessionId } from './fixtures.ts';

let api: ServiceCaller;
let clock: ManualClock;
const tokens: Record<string, string> = {};

beforeEach(async () => {
  const issuer = await createTestIssuer();
  clock = createManualClock(now.toISOString());
  const app = createApp({
    repository: new MemoryApprovalRepository(),
    keys: await createSigningKeys(),
    authenticate: issuer.authenticate,
    clock,
    logger: silentLogger,
  });
  api = callService(app);
  tokens['alice'] = await issuer.tokenFor({ sub: 'alice' });
  tokens['bob'] = await issuer.tokenFor({ sub: 'bob', roles: ['user', 'approver'] });
  tokens['eve'] = await issuer.tokenFor({ sub: 'eve' });
  tokens['dave'] = await issuer.tokenFor({ sub: 'dave', roles: ['auditor'] });
  tokens['mallory'] = await issuer.tokenFor({ sub: 'mallory', tenantId: 'globex', roles: ['user', 'approver'] });
});

const as = (name: string): { token: string } => ({ token: tokens[name] ?? '' });
const create = (input: object, name = 'alice') => api.post('/approvals', { ...as(name), body: input });
const decide = (id: string, body: object, name = 'alice') =>
  api.post(`/approvals/${id}/decide`, { ...as(name), body: { actionDigest, ...body } });

async function receiptOf(body: { receipt?: string }): Promise<unknown> {
  const jwks = (await api.get('/.well-known/jwks.json')).body;
  expect(JSON.stringify(jwks)).not.toContain('"d"');
  const { payload, protectedHeader } = await compactVerify(body.receipt ?? '', createLocalJWKSet(jwks));
  return { typ: protectedHeader.typ, ...JSON.parse(new TextDecoder().decode(payload)) };
}

describe('the Approval Service', () => {
  it('records a request once and answers repetitions alike', async () => {
    const input = makeInput();

    const first = await create(input);
    const again = await create(input);
    const changed = await create({ ...input, actionSummary: 'rm -rf /' });

    expect([first.status, again.status, changed.status]).toEqual([201, 200, 409]);
    expect(first.body).toEqual({
      ...input,
      tenantId: 'acme',
      userId: 'alice',
      status: 'pending',
      createdAt: at(0),
      updatedAt: at(0),
    });
    expect(again.body).toEqual(first.body);
  });

  it('signs a receipt for the first decision and keeps it', async () => {
    const input = makeInput();
    await create(input);
    clock.advance(10_000);

    const approved = await decide(input.approvalId, { decision: 'approved', scope: 'task', reason: 'Looks right.' });
    clock.advance(10_000);
    const again = await decide(input.approvalId, { decision: 'approved', scope: 'task' });
    const denied = await decide(input.approvalId, { decision: 'denied' });

    expect([approved.status, approved.body.status, approved.body.decidedBy]).toEqual([200, 'approved', 'alice']);
    expect(again.body).toEqual(approved.body);
    expect([denied.status, denied.body.details.reasonCodes]).toEqual([409, ['already_decided']]);
    expect(await receiptOf(approved.body)).toEqual({
      typ: 'steward-receipt+jwt',
      approvalId: input.approvalId,
      tenantId: 'acme',
      userId: 'alice',
      sessionId,
      taskId: input.taskId,
      actionDigest,
      decision: 'approved',
      scope: 'task',
      decidedBy: 'alice',
      decidedAt: at(10),
      recordedAt: at(10),
      expiresAt: at(300),
    });
  });

  it('refuses a decision about another action than the one asked about', async () => {
    const input = makeInput();
    await create(input);

    const response = await decide(input.approvalId, { decision: 'approved', actionDigest: `sha256:${'b'.repeat(64)}` });

    expect([response.status, response.body.details.reasonCodes]).toEqual([409, ['action_digest_differs']]);
  });

  it('lets time out what nobody decides, unless it is held', async () => {
    const [forgotten, held] = [makeInput(), makeInput()];
    await create(forgotten);
    await create(held);
    await decide(held.approvalId, { decision: 'held' });
    clock.advance(300_000);

    const late = await decide(forgotten.approvalId, { decision: 'approved' });
    const seen = await api.get(`/approvals/${forgotten.approvalId}`, as('alice'));
    const afterHold = await decide(held.approvalId, { decision: 'approved' });

    expect([late.status, late.body.details.reasonCodes, seen.body.status]).toEqual([
      409,
      ['approval_expired'],
      'timeout',
    ]);
    expect([afterHold.status, afterHold.body.status]).toEqual([200, 'approved']);
  });

  it('needs a second person with the role approver where the action says so', async () => {
    const input = makeInput({ approverRole: 'approver' });
    await create(input);

    const own = await decide(input.approvalId, { decision: 'approved' });
    const ownRecord = await create(
      makeInput({ approverRole: 'approver', decision: { decision: 'approved', decidedAt: at(0) } }),
      'bob',
    );
    const stranger = await decide(input.approvalId, { decision: 'approved' }, 'eve');
    const second = await decide(input.approvalId, { decision: 'approved' }, 'bob');

    expect([own.status, own.body.details.reasonCodes]).toEqual([403, ['four_eyes']]);
    expect([ownRecord.status, ownRecord.body.details.reasonCodes]).toEqual([403, ['four_eyes']]);
    expect(stranger.status).toBe(404);
    expect([second.status, second.body.decidedBy]).toEqual([200, 'bob']);
  });

  it('records a decision that the client made while it was offline', async () => {
    const request = makeInput();
    const decision = { decision: 'approved', scope: 'once', decidedAt: at(5) } as const;
    await create(request);
    clock.advance(3_600_000);

    const recorded = await create({ ...request, decision });
    const again = await create({ ...request, decision });
    const other = await create({ ...request, decision: { ...decision, decision: 'denied' } });
    const late = await create(makeInput({ decision: { ...decision, decidedAt: at(301) } }));

    expect([recorded.status, recorded.body.status, again.status]).toEqual([201, 'approved', 200]);
    expect(again.body).toEqual(recorded.body);
    expect([other.status, late.status]).toEqual([409, 400]);
    expect(await receiptOf(recorded.body)).toMatchObject({
      decision: 'approved',
      decidedAt: at(5),
      recordedAt: at(3600),
    });
  });

  it('shows people their own, approvers and auditors the tenant’s, and others nothing', async () => {
    const input = makeInput();
    await create(input);
    const get = async (name: string) => (await api.get(`/approvals/${input.approvalId}`, as(name))).status;
    const list = async (name: string, query: Record<string, string>) =>
      (await api.get('/approvals', { ...as(name), query })).body.items.length;

    expect([await get('alice'), await get('bob'), await get('dave'), await get('eve'), await get('mallory')]).toEqual([
      200, 200, 200, 404, 404,
    ]);
    expect([await list('alice', {}), await list('bob', {}), await list('eve', {}), await list('mallory', {})]).toEqual([
      1, 1, 0, 0,
    ]);
    expect([
      await list('alice', { sessionId }),
      await list('eve', { sessionId }),
      await list('mallory', { sessionId }),
    ]).toEqual([1, 0, 0]);
    expect([
      await list('alice', { sessionId, status: 'approved' }),
      await list('alice', { status: 'pending' }),
    ]).toEqual([0, 1]);
    expect((await decide(input.approvalId, { decision: 'approved' }, 'mallory')).status).toBe(404);
    expect((await decide(input.approvalId, { decision: 'approved' }, 'dave')).status).toBe(403);
  });

  it('hides that another tenant holds an id', async () => {
    const input = makeInput();
    await create(input);

    const response = await create(input, 'mallory');

    // Ids are each tenant's own, so not even a refusal says that somebody else has one.
    expect([response.status, JSON.stringify(response.body).includes('acme')]).toEqual([201, false]);
    expect((await api.get(`/approvals/${input.approvalId}`, as('alice'))).body.userId).toBe('alice');
  });

  it.each([
    ['an unknown field', { surprise: true }],
    ['a wait beyond a day', { expiresAt: at(25 * 3600) }],
    ['a decision from the future', { decision: { decision: 'approved', decidedAt: at(3600) }, expiresAt: at(7200) }],
    ['an id of another kind', { approvalId: 'sess_01JMZ5Z4Z5Z4Z5Z4Z5Z4Z5Z4Z5' }],
  ])('refuses %s', async (_what, changes) => {
    expect((await create({ ...makeInput(), ...changes })).status).toBe(400);
  });
});
