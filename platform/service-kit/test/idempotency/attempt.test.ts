import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isId } from '@steward/sdk';
import { createService, MemoryIdempotencyStore } from '../../src/index.ts';
import { derivedIds } from '../../src/idempotency/attempt.ts';
import { callService, createManualClock, createTestIssuer, silentLogger } from '../../src/test-support/index.ts';
import { things } from '../things-openapi.ts';
import type { ThingOperations } from '../things-openapi.ts';

const seed = { firstAtMs: Date.parse('2026-02-21T15:04:22.000Z'), secret: Buffer.alloc(32, 7).toString('base64url') };
const request = {
  tenantId: 'acme',
  principal: { type: 'user', id: 'alice' },
  userId: 'alice',
  operationId: 'createThing',
  key: 'k',
};

describe('derivedIds', () => {
  it('gives every try of a request the same well-formed ids, in the order of asking', () => {
    const [first, again] = [derivedIds(seed, request), derivedIds(seed, request)];

    const ids = [first('sess'), first('sess'), first('evt')];
    const other = [again('evt'), again('sess'), again('sess')];

    expect(other).toEqual([ids[2], ids[0], ids[1]]);
    expect(new Set(ids.map((id) => id.slice(-16))).size).toBe(3);
    expect(ids.map((id) => id.slice(id.indexOf('_') + 1, -16))).toEqual(Array(3).fill('01KJ0BNX7G'));
    expect([isId('sess', ids[0]), isId('evt', ids[2])]).toEqual([true, true]);
  });

  it('gives another tenant, person, operation, key or seed others, however the texts are cut', () => {
    const part = fc.string({ maxLength: 3 });
    const one = fc.record({ tenantId: part, userId: part, operationId: part, key: part, id: part });
    const idOf = ({
      id,
      ...rest
    }: {
      id: string;
      tenantId: string;
      userId: string;
      operationId: string;
      key: string;
    }) => derivedIds(seed, { ...rest, principal: { type: 'user', id } })('ws');

    fc.assert(
      fc.property(one, one, (a, b) => {
        expect(idOf(a) === idOf(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
    const otherSeed = { ...seed, secret: Buffer.alloc(32, 8).toString('base64url') };
    expect(derivedIds(otherSeed, request)('ws')).not.toBe(derivedIds(seed, request)('ws'));
  });
});

describe('a redo', () => {
  async function prepare() {
    const issuer = await createTestIssuer();
    const clock = createManualClock();
    const seen: { id: string; isRedo: boolean }[] = [];
    const failure: { now: Error | undefined; startsOver: boolean } = { now: undefined, startsOver: false };
    const service = createService<ThingOperations>({
      name: 'things',
      openApi: things,
      handlers: {
        createThing: async ({ body, context: { attempt } }) => {
          seen.push({ id: attempt.newId('ws'), isRedo: attempt.isRedo });
          if (failure.startsOver) await attempt.startOver();
          if (failure.now !== undefined) throw failure.now;
          return { status: 201, body: { name: body.name, tenantId: 'acme', number: seen.length } };
        },
        getThing: () => ({ status: 200, body: { name: 'a', tenantId: 'acme', number: 1 } }),
        getKeys: () => ({ status: 200, body: { keys: [] } }),
      },
      authenticate: issuer.authenticate,
      idempotency: new MemoryIdempotencyStore(),
      logger: silentLogger,
      clock,
    });
    const token = await issuer.tokenFor();
    const send = (name = 'a') =>
      callService(service).post('/things', { token, headers: { 'idempotency-key': 'k' }, body: { name } });
    return { send, seen, failure, clock };
  }

  it('follows a failure whose outcome is unknown, with the ids of the first try and for the same body only', async () => {
    const { send, seen, failure, clock } = await prepare();
    failure.now = new Error('The store did not answer.');
    await send();
    clock.advance(5000);
    failure.now = undefined;

    const other = await send('other');
    const again = await send();

    expect([other.status, other.body.details.reasonCodes]).toEqual([409, ['idempotency_key_reused']]);
    expect(again.status).toBe(201);
    expect(seen).toEqual([
      { id: expect.any(String), isRedo: false },
      { id: seen[0]?.id, isRedo: true },
    ]);
  });

  it('does not follow a try that started over: its ids are new', async () => {
    const { send, seen, failure } = await prepare();
    Object.assign(failure, { now: new Error('Taken back.'), startsOver: true });
    await send();
    Object.assign(failure, { now: undefined, startsOver: false });

    const again = await send();

    expect([again.status, seen[1]?.isRedo, seen[1]?.id === seen[0]?.id]).toEqual([201, false, false]);
  });
});
