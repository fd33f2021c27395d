import { beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@steward/sdk';
import { createFixture } from '../fixtures.ts';
import type { AuditFixture } from '../fixtures.ts';

describe('incidents over HTTP', () => {
  let app: AuditFixture;
  let alice: string;
  let operator: string;
  let foreigner: string;

  beforeAll(async () => {
    app = await createFixture();
    alice = await app.token('alice');
    operator = await app.token('erin', 'acme', ['operator']);
    foreigner = await app.token('mallory', 'globex', ['user', 'admin', 'operator', 'auditor']);
  });

  const facts = { title: 'The gateway does not answer', severity: 'error' };
  const open = (body: object, token = alice) => app.api.post('/incidents', { token, body });
  const close = (incidentId: string, resolution: string, token = operator) =>
    app.api.post(`/incidents/${incidentId}/close`, { token, body: { resolution } });

  it('opens an incident, shows it and closes it', async () => {
    const opened = await open({ ...facts, workspaceId: newId('ws') });
    const listed = await app.api.get('/incidents', { token: operator });
    const closed = await close(opened.body.incidentId, 'restarted');
    const found = await app.api.get(`/incidents/${opened.body.incidentId}`, { token: operator });

    expect(opened.status).toBe(201);
    expect(opened.body).toMatchObject({ ...facts, tenantId: 'acme', status: 'open', openedBy: 'alice' });
    expect(listed.body.items).toContainEqual(opened.body);
    expect(closed.body).toMatchObject({ status: 'closed', closedBy: 'erin', resolution: 'restarted' });
    expect(found.body).toEqual(closed.body);
  });

  it('answers the same incident for the same idempotency_key, also after it was closed', async () => {
    const body = { ...facts, idempotency_key: 'gateway-1' };
    const first = await open(body);
    const again = await open(body);
    await close(first.body.incidentId, 'restarted');
    const later = await open(body);

    expect([again.status, later.status]).toEqual([200, 200]);
    expect(again.body).toEqual(first.body);
    expect(later.body).toMatchObject({ incidentId: first.body.incidentId, status: 'closed' });
  });

  it('refuses the same idempotency_key with other facts, and keeps the keys of people apart', async () => {
    const body = { ...facts, idempotency_key: 'gateway-2' };
    const first = await open(body);

    const changed = await open({ ...body, severity: 'critical' });
    const byAnother = await open(body, await app.token('bob'));

    expect(changed.status).toBe(409);
    expect(byAnother.status).toBe(201);
    expect(byAnother.body.incidentId).not.toBe(first.body.incidentId);
  });

  it('closes once: the same again is accepted, something else is a conflict', async () => {
    const { incidentId } = (await open(facts)).body;
    await close(incidentId, 'restarted');

    expect((await close(incidentId, 'restarted')).status).toBe(200);
    expect((await close(incidentId, 'replaced')).status).toBe(409);
  });

  it('shows and closes nothing of another tenant', async () => {
    const { incidentId } = (await open(facts)).body;

    expect((await app.api.get(`/incidents/${incidentId}`, { token: foreigner })).status).toBe(404);
    expect((await close(incidentId, 'x', foreigner)).status).toBe(404);
    expect((await app.api.get('/incidents', { token: foreigner })).body.items).toEqual([]);
    expect((await app.api.get(`/incidents/${incidentId}`, { token: operator })).body.status).toBe('open');
  });

  it('asks for fitting roles', async () => {
    const { incidentId } = (await open(facts)).body;
    const auditor = await app.token('dave', 'acme', ['auditor']);

    expect((await app.api.get('/incidents', { token: alice })).status).toBe(403);
    expect((await close(incidentId, 'x', alice)).status).toBe(403);
    expect((await close(incidentId, 'x', auditor)).status).toBe(403);
    expect((await app.api.get('/incidents', { token: auditor })).status).toBe(200);
  });
});
