import { describe, expect, it } from '@jest/globals';
import { DynamoJobStore, MemoryJobStore, createLogger, systemScope } from '@steward/service-kit';
import { testScope } from '@steward/service-kit/test-support';
import { OutboxAge } from '../../src/changes/outbox-age.ts';
import { PolicyWorld } from '../support/policy-world.ts';
import { storeNames, usePolicyStores } from '../support/policy-stores.ts';

const stores = usePolicyStores();

describe.each(storeNames)('the age of policy changes that wait for audit, in %s', (store) => {
  it('is that of the oldest of any tenant, told once a minute by one instance, and nothing when none waits', async () => {
    const policies = await stores.fresh(store);
    const world = await PolicyWorld.open(stores.folder, { policies });
    const lines: string[] = [];
    const logger = createLogger('policy', { write: (line) => void lines.push(line) });
    const jobs = store === 'memory' ? new MemoryJobStore() : new DynamoJobStore(stores.dynamo());
    const instances = [1, 2].map(() => new OutboxAge({ policies, jobs, clock: world.clock, logger }));
    const look = async () => {
      lines.length = 0;
      await Promise.all(instances.map((instance) => instance.run()));
      return lines.map((line) => {
        const { event, queue, oldestQueuedSeconds } = JSON.parse(line) as Record<string, unknown>;
        return { event, queue, oldestQueuedSeconds };
      });
    };
    const throwSwitch = async (tenantId: string) =>
      world.api.put('/kill-switch', {
        token: await world.token('carol', ['admin'], tenantId),
        body: { active: true, reason: 'Incident.' },
      });
    const line = (oldestQueuedSeconds: number) => ({
      event: 'queue_age',
      queue: 'policy-changes',
      oldestQueuedSeconds,
    });

    const empty = await look();
    world.auditFailure = new Error('away');
    await throwSwitch('globex');
    world.clock.advance(60_000);
    await throwSwitch('acme');
    const waiting = await look();
    world.clock.advance(59_000);
    const early = await look();
    world.clock.advance(1_000);
    const later = await look();
    for (const tenantId of ['acme', 'globex']) {
      const scope = testScope(tenantId);
      for (const { key } of await policies.records(scope, { prefix: 'o', limit: 10 }))
        await policies.putRecord(scope, { key, body: undefined });
    }
    world.clock.advance(60_000);
    const delivered = await look();

    expect({ empty, waiting, early, later, delivered }).toEqual({
      empty: [line(0)],
      waiting: [line(60)],
      early: [],
      later: [line(120)],
      delivered: [line(0)],
    });
    await world.service.stopBackground();
  });

  it('is looked at by its own job only', async () => {
    const policies = await stores.fresh(store);
    const read = async () => {
      for await (const record of policies.recordsOfAll(systemScope('workspace-purge'), 'o')) return record;
      return undefined;
    };

    await expect(read()).rejects.toThrow('may not read policies');
  });
});
