import { describe, expect, it } from '@jest/globals';
import { createManualClock, testScope } from '@steward/service-kit/test-support';
import { MemoryEventRepository } from '../../src/events/repository.memory.ts';
import { PackAhead } from '../../src/packs/pack-ahead.ts';
import { DecisionPacking } from '../../src/packs/packing.ts';
import { MemoryPackRepository } from '../../src/packs/repository.memory.ts';
import { sentEvent, storedEvents } from '../fixtures.ts';

const hourMs = 60 * 60 * 1000;

describe('packing ahead', () => {
  it('packs hours with events soon after they are over, when their tenant stores something', async () => {
    const scope = testScope('acme');
    const clock = createManualClock('2026-02-21T12:30:00.000Z');
    const events = new MemoryEventRepository();
    const packs = new MemoryPackRepository();
    const packing = new DecisionPacking({ packs, clock });
    const ahead = new PackAhead({ events, packing, clock });
    const at = (time: string) => sentEvent({ eventType: 'decision_recorded', timestamp: `2026-02-21T${time}:00.000Z` });
    await events.append(scope, storedEvents([at('04:10'), at('10:10'), at('11:10'), at('12:10')]));
    const packed = async () =>
      [...(await packs.readHours(scope, { day: '2026-02-21', first: 0, last: 23 })).packs.keys()].sort();

    ahead.notice(scope);
    await ahead.settled();
    const first = await packed();
    clock.advance(hourMs);
    ahead.notice(scope);
    await ahead.settled();

    expect(first).toEqual(['2026-02-21T04:00:00.000Z', '2026-02-21T10:00:00.000Z']);
    expect(await packed()).toEqual([...first, '2026-02-21T11:00:00.000Z']);
    expect((await packs.readHours(testScope('globex'), { day: '2026-02-21', first: 0, last: 23 })).packs.size).toBe(0);
  });
});
