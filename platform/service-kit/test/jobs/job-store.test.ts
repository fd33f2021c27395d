import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DynamoJobStore, MemoryJobStore, systemScope, takeTurn } from '../../src/index.ts';
import type { JobPosition, JobStore } from '../../src/index.ts';
import { createManualClock, startDynamo } from '../../src/test-support/index.ts';
import type { RunningDynamo } from '../../src/test-support/index.ts';

let dynamo: RunningDynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

const scope = systemScope('chain-verification');
const minute = 60_000;

describe.each(['memory', 'DynamoDB'])('turns at a job, kept in %s', (kind) => {
  // Every test has rows of its own: the clock of each begins a day after the last.
  let day = 0;
  const open = async (): Promise<{ jobs: JobStore; clock: ReturnType<typeof createManualClock> }> => {
    day += 1;
    const clock = createManualClock(new Date(Date.UTC(2026, 1, day)).toISOString());
    const jobs = kind === 'memory' ? new MemoryJobStore() : new DynamoJobStore(dynamo);
    const turns = { jobs, scope, clock, intervalSeconds: 0, leaseSeconds: 0 };
    await takeTurn(turns, async () => undefined);
    return { jobs, clock };
  };
  const turnsOf = ({ jobs, clock }: Awaited<ReturnType<typeof open>>) => ({
    jobs,
    scope,
    clock,
    intervalSeconds: 60,
    leaseSeconds: 300,
  });

  it('go to one of many that ask at once', async () => {
    const world = await open();

    const done = await Promise.all(
      Array.from({ length: 8 }, () => takeTurn(turnsOf(world), async () => ({ sort: 1 }))),
    );

    expect(done.filter(Boolean)).toHaveLength(1);
  });

  it('come once in an interval and go on where the last one ended', async () => {
    const world = await open();
    const seen: JobPosition[] = [];
    const turn = () =>
      takeTurn(turnsOf(world), async (position) => {
        seen.push(position);
        return seen.length === 3 ? undefined : { partition: 'p', sort: seen.length };
      });

    const done = [await turn(), await turn()];
    for (let n = 0; n < 3; n += 1) {
      world.clock.advance(minute);
      done.push(await turn());
    }

    expect(done).toEqual([true, false, true, true, true]);
    expect(seen).toEqual([{}, { partition: 'p', sort: 1 }, { partition: 'p', sort: 2 }, {}]);
  });

  it('are taken over once the lease is over, and a turn that lasted too long changes nothing', async () => {
    const world = await open();
    const seen: JobPosition[] = [];

    await takeTurn(turnsOf(world), async () => {
      world.clock.advance(299_999);
      seen.push({ taken: String(await takeTurn(turnsOf(world), async () => undefined)) });
      world.clock.advance(1);
      await takeTurn(turnsOf(world), async () => ({ sort: 7 }));
      return { sort: 1 };
    });
    world.clock.advance(minute);
    await takeTurn(turnsOf(world), async (position) => void seen.push(position) as undefined);

    expect(seen).toEqual([{ taken: 'false' }, { sort: 7 }]);
  });

  it('that fail keep the position and come again after the lease', async () => {
    const world = await open();
    await takeTurn(turnsOf(world), async () => ({ sort: 3 }));
    world.clock.advance(minute);

    const failing = takeTurn(turnsOf(world), () => Promise.reject(new Error('store away')));
    await expect(failing).rejects.toThrow('store away');
    const early = await takeTurn(turnsOf(world), async () => undefined);
    world.clock.advance(5 * minute);
    const seen: JobPosition[] = [];
    await takeTurn(turnsOf(world), async (position) => void seen.push(position) as undefined);

    expect({ early, seen }).toEqual({ early: false, seen: [{ sort: 3 }] });
  });
});
