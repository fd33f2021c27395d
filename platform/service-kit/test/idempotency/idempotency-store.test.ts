import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DynamoIdempotencyStore, MemoryIdempotencyStore } from '../../src/index.ts';
import type { IdempotencyStore } from '../../src/index.ts';
import { startDynamo, testScope } from '../../src/test-support/index.ts';
import type { RunningDynamo } from '../../src/test-support/index.ts';

let dynamo: RunningDynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

const now = new Date('2026-02-21T15:04:22.000Z');
const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);
const acme = testScope('acme');
const reply = { status: 201, headers: {}, body: '{"a":1}' };

describe.each<[string, () => IdempotencyStore]>([
  ['memory', () => new MemoryIdempotencyStore()],
  ['DynamoDB', () => new DynamoIdempotencyStore(dynamo)],
])('IdempotencyStore in %s', (name, create) => {
  let count = 0;
  const freshKey = (): string => `${name}-${++count}`;

  it('gives exactly one of many concurrent claims', async () => {
    const [store, key] = [create(), freshKey()];

    const claims = await Promise.all(Array.from({ length: 8 }, () => store.claim(acme, key, 'd', now)));

    expect(claims.filter(({ state }) => state === 'claimed')).toHaveLength(1);
    expect(claims.filter(({ state }) => state === 'running')).toHaveLength(7);
  });

  it('gives the reply of a finished request until a day has passed', async () => {
    const [store, key] = [create(), freshKey()];
    const claim = await store.claim(acme, key, 'd', now);
    if (claim.state !== 'claimed') throw new Error('not claimed');
    await store.finish(acme, key, claim.claimId, reply, now);

    const soon = await store.claim(acme, key, 'other', later(3600));
    const nextDay = await store.claim(acme, key, 'other', later(24 * 3600));

    expect(soon).toEqual({ state: 'done', requestDigest: 'd', reply });
    expect(nextDay.state).toBe('claimed');
  });

  it('lets an abandoned or expired claim be claimed again, and ignores its late end', async () => {
    const [store, key] = [create(), freshKey()];
    const first = await store.claim(acme, key, 'd', now);
    if (first.state !== 'claimed') throw new Error('not claimed');

    const second = await store.claim(acme, key, 'd', later(61));
    await store.finish(acme, key, first.claimId, reply, later(62));
    await store.abandon(acme, key, first.claimId);
    const third = await store.claim(acme, key, 'd', later(63));

    expect([second.state, third.state]).toEqual(['claimed', 'running']);
  });

  it('keeps that a request is done when its reply is too large', async () => {
    const [store, key] = [create(), freshKey()];
    const claim = await store.claim(acme, key, 'd', now);
    if (claim.state !== 'claimed') throw new Error('not claimed');
    await store.finish(acme, key, claim.claimId, { ...reply, body: 'x'.repeat(1_000_000) }, now);

    await expect(store.claim(acme, key, 'd', now)).resolves.toEqual({ state: 'done', requestDigest: 'd' });
  });

  it('keeps the claims of tenants apart, also under one key', async () => {
    const [store, key] = [create(), freshKey()];
    const mine = await store.claim(acme, key, 'd', now);
    if (mine.state !== 'claimed') throw new Error('not claimed');
    await store.finish(acme, key, mine.claimId, reply, now);

    const theirs = await store.claim(testScope('globex'), key, 'd', now);

    expect(theirs.state).toBe('claimed');
  });
});
