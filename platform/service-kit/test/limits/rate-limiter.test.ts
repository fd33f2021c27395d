import { describe, expect, it } from '@jest/globals';
import { MemoryRateStore, RateLimiter } from '../../src/index.ts';
import type { Caller, RateStore } from '../../src/index.ts';
import { createManualClock, testScope } from '../../src/test-support/index.ts';

const callerOf = (userId: string, tenantId = 'acme'): Caller => ({
  tenantId,
  scope: testScope(tenantId),
  userId,
  roles: ['user'],
  principal: { type: 'user', id: userId },
  isService: false,
});
const plenty = { perSecond: 1000, burst: 100_000 };
const ratesOf = (user: { perSecond: number; burst: number }, tenant = plenty) => {
  const rate = { user, tenant };
  return { read: rate, write: rate, events: rate, bulk: rate };
};

async function admitted(limiter: RateLimiter, count: number, caller: Caller, now: Date): Promise<number> {
  let passed = 0;
  for (let index = 0; index < count; index += 1) {
    try {
      await limiter.admit(caller, 'write', now);
      passed += 1;
    } catch {
      // Counted by what is left.
    }
    // Leases that were asked for beside a request have answered before the next one.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return passed;
}

describe('RateLimiter', () => {
  it('admits what the bucket holds, and again what has flowed in', async () => {
    const clock = createManualClock();
    const limiter = new RateLimiter({ store: new MemoryRateStore(), rates: ratesOf({ perSecond: 10, burst: 100 }) });

    const first = await admitted(limiter, 150, callerOf('alice'), clock.now());
    clock.advance(2_000);
    const second = await admitted(limiter, 150, callerOf('alice'), clock.now());

    expect([first, second]).toEqual([100, 20]);
  });

  it('names the limit and the time to wait', async () => {
    const now = new Date();
    const limiter = new RateLimiter({ store: new MemoryRateStore(), rates: ratesOf({ perSecond: 1, burst: 5 }) });
    await admitted(limiter, 5, callerOf('alice'), now);

    await expect((async () => limiter.admit(callerOf('alice'), 'write', now))()).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      message: 'More than 1 requests a second (write) came from you; try again in 1 s.',
      retryable: true,
      details: { retryAfterSeconds: 1, reasonCodes: ['rate_limited'] },
    });
  });

  it('counts users apart and their tenant together', async () => {
    const now = new Date();
    const rates = ratesOf({ perSecond: 10, burst: 100 }, { perSecond: 10, burst: 150 });
    const limiter = new RateLimiter({ store: new MemoryRateStore(), rates });

    const alice = await admitted(limiter, 100, callerOf('alice'), now);
    const bob = await admitted(limiter, 100, callerOf('bob'), now);
    const mallory = await admitted(limiter, 100, callerOf('mallory', 'globex'), now);

    expect([alice, bob, mallory]).toEqual([100, 50, 100]);
  });

  it('of two processes together admits at most a lease more than the bucket holds', async () => {
    const now = new Date();
    const store = new MemoryRateStore();
    const rates = ratesOf({ perSecond: 10, burst: 100 });
    const processes = [new RateLimiter({ store, rates }), new RateLimiter({ store, rates })] as const;

    const total =
      (await admitted(processes[0], 90, callerOf('alice'), now)) +
      (await admitted(processes[1], 90, callerOf('alice'), now));

    expect(total).toBeGreaterThanOrEqual(95);
    expect(total).toBeLessThanOrEqual(110);
  });

  it('asks the store once for many requests', async () => {
    const now = new Date();
    const memory = new MemoryRateStore();
    let takes = 0;
    const store: RateStore = {
      take: (...call) => {
        takes += 1;
        return memory.take(...call);
      },
    };
    const limiter = new RateLimiter({ store, rates: ratesOf({ perSecond: 100, burst: 1000 }) });

    const passed = await admitted(limiter, 400, callerOf('alice'), now);

    expect(passed).toBe(400);
    // Leases of 50, of the user's bucket and of the tenant's.
    expect(takes).toBeLessThanOrEqual(20);
  });

  it('asks the store once a minute for somebody who sends little', async () => {
    const clock = createManualClock();
    const memory = new MemoryRateStore();
    const takes: string[] = [];
    const store: RateStore = {
      take: (scope, bucket, count, rate, now) => {
        takes.push(`${bucket[1]} ${count}`);
        return memory.take(scope, bucket, count, rate, now);
      },
    };
    const limiter = new RateLimiter({ store, rates: ratesOf({ perSecond: 100, burst: 1000 }) });

    for (let second = 0; second < 60; second += 3) {
      await admitted(limiter, 1, callerOf('alice'), clock.now());
      clock.advance(3_000);
    }

    expect(takes).toEqual(['user 50', 'tenant 50']);
  });

  it('takes larger leases while they are used up quickly, and small ones again after a quiet time', async () => {
    const clock = createManualClock();
    const memory = new MemoryRateStore();
    const takes: number[] = [];
    const store: RateStore = {
      take: (scope, [rateClass = '', whose = '', ...rest], count, rate, now) => {
        if (whose === 'user') takes.push(count);
        return memory.take(scope, [rateClass, whose, ...rest], count, rate, now);
      },
    };
    const limiter = new RateLimiter({ store, rates: ratesOf({ perSecond: 1000, burst: 10_000 }) });

    await admitted(limiter, 3_000, callerOf('alice'), clock.now());
    const largest = Math.max(...takes);
    clock.advance(60_000);
    await admitted(limiter, 1, callerOf('alice'), clock.now());
    clock.advance(60_000);
    await admitted(limiter, 1, callerOf('alice'), clock.now());

    expect([takes[0], largest, takes.at(-1)]).toEqual([50, 1000, 50]);
  });

  it('of two processes with grown leases admits at most one grown lease each beyond the bucket', async () => {
    const now = new Date();
    const store = new MemoryRateStore();
    const rates = ratesOf({ perSecond: 1, burst: 1000 });
    const processes = [new RateLimiter({ store, rates }), new RateLimiter({ store, rates })] as const;

    let total = 0;
    for (let round = 0; round < 10; round += 1)
      for (const process of processes) total += await admitted(process, 75, callerOf('alice'), now);

    expect(total).toBeGreaterThanOrEqual(950);
    expect(total).toBeLessThanOrEqual(1200);
  });

  it('goes on alone while the store fails, and says so', async () => {
    const failures: unknown[] = [];
    const store: RateStore = { take: () => Promise.reject(new Error('away')) };
    const limiter = new RateLimiter({
      store,
      rates: ratesOf({ perSecond: 1, burst: 40 }),
      onStoreFailure: (error) => failures.push((error as Error).message),
    });

    const passed = await admitted(limiter, 30, callerOf('alice'), new Date());

    expect([passed, failures.includes('away')]).toEqual([30, true]);
  });
});
