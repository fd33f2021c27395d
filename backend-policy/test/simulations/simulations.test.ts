import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { preloadCommandParser } from '@steward/policy-engine';
import type { ActionBatch } from '../../src/simulations/action-source.ts';
import type { PolicyRepository } from '../../src/policies/repository.ts';
import { replayInline } from '../../src/simulations/replay-recorded.ts';
import { PolicyWorld, readOnly } from '../support/policy-world.ts';
import { recordedCommand } from '../support/recorded-actions.ts';
import { storeNames, usePolicyStores } from '../support/policy-stores.ts';

const stores = usePolicyStores();
beforeAll(() => preloadCommandParser());

const span = { from: '2026-02-20T00:00:00.000Z', to: '2026-02-21T00:00:00.000Z' };

describe.each(storeNames)('simulations kept in %s', (store) => {
  let repository: PolicyRepository;
  let world: PolicyWorld;
  let asked: string[];
  let read: (signal: AbortSignal) => AsyncIterable<ActionBatch>;
  const open = (): Promise<PolicyWorld> =>
    PolicyWorld.open(stores.folder, {
      policies: repository,
      replayRecorded: replayInline({
        read: (_query, accessToken, signal) => {
          asked.push(accessToken);
          return read(signal);
        },
      }),
    });
  beforeEach(async () => {
    asked = [];
    read = async function* () {
      yield {
        items: [recordedCommand(1, 'git status', 'allow'), recordedCommand(2, 'npm install', 'allow')],
        fraction: 0.5,
      };
      yield { items: [recordedCommand(3, 'npm install', 'allow')] };
    };
    repository = await stores.fresh(store);
    world = await open();
  });
  const start = async (body: object = { content: readOnly }) =>
    world.api.post('/policy/simulate', { token: await world.token(), body: { ...span, ...body } });
  const get = async (id: string, of = world) =>
    (await of.api.get(`/policy/simulations/${id}`, { token: await of.token() })).body;

  it('answer at once and end with counts, examples and the whole span read, as the admin who asked', async () => {
    const token = await world.token();
    const started = await world.api.post('/policy/simulate', { token, body: { ...span, content: readOnly } });
    await world.service.simulationSettled(started.body.simulationId);

    const ended = await get(started.body.simulationId);
    const list = (await world.api.get('/policy/simulations', { token })).body.items;

    expect([started.status, started.body.status, started.body.progress.fraction]).toEqual([202, 'running', 0]);
    expect(ended).toMatchObject({
      status: 'completed',
      policyName: 'Read only',
      createdBy: 'carol',
      progress: { read: 3, replayed: 3, fraction: 1 },
      result: { recorded: 3, unchanged: 1, changed: 2, changes: [{ from: 'allow', to: 'deny', count: 2 }] },
    });
    expect(asked).toEqual([token]);
    expect(list).toHaveLength(1);
    expect(list[0]).not.toHaveProperty('result');
  });

  it('tell how far they are while they run, and stop when they are cancelled', async () => {
    let go = (): void => undefined;
    const first = new Promise<void>((resolve) => {
      go = resolve;
    });
    read = async function* (signal) {
      yield { items: [recordedCommand(1, 'git status', 'allow')], fraction: 0.25 };
      go();
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    };
    const { simulationId } = (await start()).body;
    await first;

    const running = await get(simulationId);
    const cancelled = await world.api.post(`/policy/simulations/${simulationId}/cancel`, {
      token: await world.token(),
    });

    expect([running.status, running.progress]).toEqual(['running', { read: 1, replayed: 1, fraction: 0.25 }]);
    expect([cancelled.status, cancelled.body.status]).toEqual([200, 'cancelled']);
  });

  it('end as failed with a sentence when the records can’t be read', async () => {
    // eslint-disable-next-line require-yield
    read = async function* () {
      throw new Error('secret detail');
    };
    const { simulationId } = (await start()).body;
    await world.service.simulationSettled(simulationId);

    expect(await get(simulationId)).toMatchObject({
      status: 'failed',
      message: 'The recorded actions could not be read. Try again.',
    });
  });

  it('that a restart interrupted say so to the next process', async () => {
    read = async function* () {
      yield { items: [] };
      await new Promise(() => undefined);
    };
    const { simulationId } = (await start()).body;
    const next = await open();
    next.clock.advance(180_000);

    expect(await get(simulationId, next)).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('restarted'),
    });
  });

  it('are for admins of the tenant only, two at a time, of a policy that is valid', async () => {
    read = async function* () {
      yield { items: [] };
      await new Promise(() => undefined);
    };
    const { simulationId } = (await start()).body;
    await start();
    const third = await start();
    const auditor = await world.token('dave', ['auditor']);
    const foreign = await world.token('mallory', ['admin'], 'globex');

    expect(third.status).toBe(409);
    expect((await world.api.post('/policy/simulate', { token: auditor, body: span })).status).toBe(403);
    expect((await world.api.get(`/policy/simulations/${simulationId}`, { token: foreign })).status).toBe(404);
    expect((await start({ version: 99 })).status).toBe(409);
    expect((await world.api.post('/policy/simulate', { token: foreign, body: { ...span, version: 99 } })).status).toBe(
      404,
    );
  });
});
