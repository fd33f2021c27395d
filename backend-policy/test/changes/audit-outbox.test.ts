import { beforeEach, describe, expect, it } from '@jest/globals';
import type { PolicyRepository } from '../../src/policies/repository.ts';
import { PolicyWorld, readOnly } from '../support/policy-world.ts';
import { storeNames, usePolicyStores } from '../support/policy-stores.ts';

const stores = usePolicyStores();

describe.each(storeNames)('the audit of policy changes, waiting in %s', (store) => {
  let repository: PolicyRepository;
  let world: PolicyWorld;
  beforeEach(async () => {
    repository = await stores.fresh(store);
    world = await PolicyWorld.open(stores.folder, { policies: repository });
  });
  const throwSwitch = async (active: boolean, reason: string) =>
    world.api.put('/kill-switch', { token: await world.token(), body: { active, reason } });
  const history = async (of = world): Promise<{ audited: boolean; changeId: string }[]> =>
    (await of.api.get('/policy-history', { token: await of.token() })).body.items;

  it('tells who did what and why, each once and in order, and marks it in the history', async () => {
    const { version } = await world.draft(readOnly);
    await world.publish(version);
    await throwSwitch(true, 'Incident.');
    await throwSwitch(true, 'Incident.');
    await world.service.auditSettled();

    expect(world.audited.map(({ userId, severity, payload }) => ({ userId, severity, ...payload }))).toEqual([
      {
        userId: 'carol',
        severity: 'info',
        change: 'draft_created',
        version,
        revision: 1,
        reason: 'A draft was begun.',
      },
      { userId: 'carol', severity: 'info', change: 'published', version, revision: 1, reason: 'Because.' },
      { userId: 'carol', severity: 'warning', change: 'kill_switch_on', version, reason: 'Incident.' },
    ]);
    expect((await history()).map(({ audited }) => audited)).toEqual([true, true, true]);
  });

  it('survives a restart: what did not arrive is delivered by the next process under the same id', async () => {
    world.auditFailure = new Error('away');
    await throwSwitch(true, 'Incident.');
    await throwSwitch(false, 'Over.');
    await world.service.auditSettled();
    await world.service.stopBackground();
    const waiting = await history();

    const next = await PolicyWorld.open(stores.folder, { policies: repository });
    next.service.startBackground();
    while (next.audited.length < 2) await new Promise((resolve) => setImmediate(resolve));
    await next.service.stopBackground();

    expect(waiting.map(({ audited }) => audited)).toEqual([false, false]);
    expect(next.audited.map(({ eventId }) => eventId)).toEqual(waiting.map(({ changeId }) => changeId).reverse());
    expect((await history(next)).map(({ audited }) => audited)).toEqual([true, true]);
  });

  it('tries again with growing pauses and never gives up', async () => {
    world.auditFailure = new Error('away');
    await throwSwitch(true, 'Incident.');
    await world.service.auditSettled();
    const pauses: number[] = [];
    for (let attempt = 0; attempt < 9; attempt += 1) {
      const timer = world.timers.shift()!;
      pauses.push(timer.ms);
      if (attempt === 8) world.auditFailure = undefined;
      timer.action();
      while (world.timers.length === 0 && world.audited.length === 0)
        await new Promise((resolve) => setImmediate(resolve));
    }

    expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    expect(world.audited).toHaveLength(1);
  });
});
