import { beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@steward/sdk';
import { systemScope } from '@steward/service-kit';
import type { RowPlace } from '@steward/service-kit';
import { testScope } from '@steward/service-kit/test-support';
import { streamName, streamOf } from '../../src/events/event.ts';
import type { StoredEvent } from '../../src/events/event.ts';
import type { ChainRow, EventRepository } from '../../src/events/repository.ts';
import { second, sentEvent, storedEvents } from '../fixtures.ts';

const acme = testScope('acme');
const globex = testScope('globex');

/** What every store of events promises. */
export function describeEventRepository(name: string, create: () => EventRepository): void {
  describe(`events in ${name}`, () => {
    let events: EventRepository;
    let workspaceId: string;

    beforeEach(() => {
      events = create();
      workspaceId = newId('ws');
    });

    const inWorkspace = (count: number, changes: object = {}, before: StoredEvent[] = []): StoredEvent[] =>
      storedEvents(
        Array.from({ length: count }, (_, n) => sentEvent({ workspaceId, timestamp: second(n), ...changes })),
        before,
      );

    async function collect<T>(source: AsyncIterable<T>, limit = Infinity): Promise<T[]> {
      const found: T[] = [];
      for await (const each of source) {
        found.push(each);
        if (found.length === limit) break;
      }
      return found;
    }

    it('gives back exactly what was stored, whatever the payload holds', async () => {
      const payload = {
        '': null,
        nested: [{ 'a.b': 1e21, tiny: 1e-7, big: 9007199254740991 }],
        text: 'grüezi \u0000 "x"',
        empty: {},
      };
      const stored = storedEvents([sentEvent({ workspaceId, payload, sessionId: newId('sess') })]);

      expect(await events.append(acme, stored)).toBe(true);

      const stream = streamOf(sentEvent({ workspaceId }));
      expect(await events.get(acme, stream, 1)).toEqual(stored[0]);
      expect(await events.head(acme, stream)).toEqual(stored[0]);
      expect(await collect(events.readStream(acme, stream, 1))).toEqual(stored);
    });

    it('reads every event of all tenants in parts, each stream in order, for the check of chains only', async () => {
      const scope = systemScope('chain-verification');
      const streams = [inWorkspace(3), storedEvents([sentEvent({ tenantId: 'globex', workspaceId })])];
      await events.append(acme, streams[0]!);
      await events.append(globex, streams[1]!);
      const own = new Set(streams.map(([first]) => streamName(first!.event)));

      const found: ChainRow[] = [];
      let next: RowPlace | undefined;
      do {
        const slice = await events.readSlice(scope, 2, next);
        expect(slice.rows.length).toBeLessThanOrEqual(2);
        found.push(...slice.rows.filter(({ place }) => own.has(place.partition)));
        next = slice.next;
      } while (next !== undefined);

      const rowOf = ({ event }: StoredEvent): ChainRow => ({
        place: { partition: streamName(event), sort: event.streamSeq },
        tenantId: event.tenantId,
        stream: `workspace#${workspaceId}`,
        seq: event.streamSeq,
        event,
      });
      const ofTenant = (tenantId: string) => found.filter((row) => row.tenantId === tenantId);
      expect([ofTenant('acme'), ofTenant('globex')]).toEqual(streams.map((stream) => stream.map(rowOf)));
      await expect(events.readSlice(systemScope('policy-tenants'), 2)).rejects.toThrow('may not read audit-events');
    });

    it('knows nothing of an empty stream', async () => {
      const stream = streamOf(sentEvent({ workspaceId }));

      expect(await events.head(acme, stream)).toBeUndefined();
      expect(await events.get(acme, stream, 1)).toBeUndefined();
      expect(await collect(events.readStream(acme, stream, 1))).toEqual([]);
    });

    it('reads a stream in order from any number on', async () => {
      const stored = inWorkspace(45);
      await events.append(acme, stored);
      await events.append(acme, inWorkspace(5, {}, stored));

      const numbers = (await collect(events.readStream(acme, streamOf(sentEvent({ workspaceId })), 43))).map(
        ({ event }) => event.streamSeq,
      );

      expect(numbers).toEqual([43, 44, 45, 46, 47, 48, 49, 50]);
    });

    it('stores nothing of a batch when one number is taken', async () => {
      const [first, second_] = [inWorkspace(2), inWorkspace(3)];
      await events.append(acme, first);

      expect(await events.append(acme, second_)).toBe(false);

      const stream = streamOf(sentEvent({ workspaceId }));
      expect(await collect(events.readStream(acme, stream, 1))).toEqual(first);
      const ids = second_.map(({ event }) => event.eventId);
      expect((await events.findReferences(acme, ids)).size).toBe(0);
    });

    it('stores nothing of a batch when one id is in use in another stream', async () => {
      const elsewhere = storedEvents([sentEvent({ workspaceId: newId('ws') })]);
      await events.append(acme, elsewhere);
      const reused = storedEvents([
        sentEvent({ workspaceId }),
        sentEvent({ workspaceId, eventId: elsewhere[0]?.event.eventId ?? '' }),
      ]);

      expect(await events.append(acme, reused)).toBe(false);

      expect(await events.head(acme, streamOf(sentEvent({ workspaceId })))).toBeUndefined();
    });

    it('lets one of several writers have a number', async () => {
      const candidates = Array.from({ length: 8 }, () => inWorkspace(1));

      const results = await Promise.all(candidates.map((candidate) => events.append(acme, candidate)));

      expect(results.filter(Boolean)).toHaveLength(1);
      const head = await events.head(acme, streamOf(sentEvent({ workspaceId })));
      expect(head).toEqual(candidates[results.indexOf(true)]?.[0]);
    });

    it('finds where events lie by their ids, within one tenant', async () => {
      const stored = inWorkspace(3);
      await events.append(acme, stored);
      const ids = stored.map(({ event }) => event.eventId);

      const found = await events.findReferences(acme, [...ids, newId('evt')]);
      const foreign = await events.findReferences(globex, ids);

      expect([...found.values()].map(({ streamSeq }) => streamSeq).sort()).toEqual([1, 2, 3]);
      expect(found.get(ids[1] ?? '')).toEqual({
        tenantId: 'acme',
        streamType: 'workspace',
        streamId: workspaceId,
        eventId: ids[1],
        streamSeq: 2,
        contentDigest: stored[1]?.contentDigest,
      });
      expect(foreign.size).toBe(0);
    });

    it('keeps the same ids and workspaces of two tenants apart', async () => {
      const sent = sentEvent({ workspaceId });
      const mine = storedEvents([sent]);
      const theirs = storedEvents([{ ...sent, tenantId: 'globex' }]);

      expect([await events.append(acme, mine), await events.append(globex, theirs)]).toEqual([true, true]);

      expect(await events.head(acme, streamOf(sent))).toEqual(mine[0]);
      expect(await collect(events.readStream(globex, streamOf(theirs[0]!.event), 1))).toEqual(theirs);
    });

    it('refuses events and streams of another tenant than the scope names', async () => {
      const theirs = storedEvents([sentEvent({ workspaceId, tenantId: 'globex' })]);

      await expect(events.append(acme, theirs)).rejects.toThrow('another tenant');
      await expect(events.head(acme, streamOf(theirs[0]!.event))).rejects.toThrow('another tenant');

      expect(await events.head(globex, streamOf(theirs[0]!.event))).toBeUndefined();
    });

    it('reads one session of one tenant oldest first, from any position on', async () => {
      const sessionId = newId('sess');
      const mine = storedEvents([3, 1, 2].map((n) => sentEvent({ workspaceId, sessionId, timestamp: second(n) })));
      await events.append(acme, mine);
      await events.append(globex, storedEvents([sentEvent({ tenantId: 'globex', workspaceId, sessionId })]));

      const all = await collect(events.readSession(acme, sessionId));
      const first = all[0]?.event;
      const rest = await collect(
        events.readSession(acme, sessionId, {
          timeKey: `${first?.timestamp}#${String(first?.streamSeq).padStart(12, '0')}#${workspaceId}`,
          stream: `workspace#${workspaceId}`,
          seq: first?.streamSeq ?? 0,
        }),
      );

      expect(all.map(({ event }) => event.timestamp)).toEqual([second(1), second(2), second(3)]);
      expect(rest).toEqual(all.slice(1));
    });

    it('reads a day of one tenant newest first, within limits that are included', async () => {
      const tenantId = newId('sess');
      const sent = [1, 2, 3, 4].map((n) => sentEvent({ tenantId, workspaceId, timestamp: second(n) }));
      const otherDay = sentEvent({ tenantId, workspaceId, timestamp: '2026-02-22T00:00:00.000Z' });
      await events.append(testScope(tenantId), storedEvents([...sent, otherDay]));

      const found = await collect(
        events.readDay(testScope(tenantId), '2026-02-21', { from: second(2), to: second(4) }, 'few'),
      );

      expect(found.map(({ envelope }) => envelope.timestamp)).toEqual([second(4), second(3), second(2)]);
    });

    it.each(['few', 'many'] as const)(
      'reads %s events of a day with owners, payloads as they were hashed',
      async (amount) => {
        const tenantId = newId('sess');
        const scope = testScope(tenantId);
        const payload = { big: 1e21, text: 'grüezi "x"', nested: [{ b: null }] };
        const sent = [1, 2, 3].map((n) => sentEvent({ tenantId, workspaceId, timestamp: second(n), payload }));
        const owned = storedEvents(sent).map((stored, at) => (at === 0 ? { ...stored, owner: 'alice' } : stored));
        await events.append(scope, owned);
        const range = { from: second(1), to: second(2) };

        const texts = await collect(events.readDay(scope, '2026-02-21', range, amount));

        const expected = [owned[1]!, owned[0]!].map(({ event: { payload: _payload, ...envelope }, owner }) => ({
          envelope,
          payload: JSON.stringify(payload),
          ...(owner === undefined ? {} : { owner }),
        }));
        expect(texts).toEqual(expected);
      },
    );

    it('reads of a day what one person did and what happened in their workspaces, also among much of others', async () => {
      const tenantId = newId('sess');
      const scope = testScope(tenantId);
      const person = 'ann "a"';
      const range = { from: second(1), to: second(30) };
      const sentBy = (userId: string, n: number, payload = {}) =>
        sentEvent({ tenantId, workspaceId, userId, timestamp: second(n), payload });
      const ofOthers = Array.from({ length: 170 }, (_, n) => sentBy(`bob ${n % 3}`, 30, { userId: person }));
      const stored = storedEvents([...ofOthers, sentBy(person, 3), sentBy('bob 1', 2), sentBy(person, 1)]);
      const all = stored.map((one) => (one.event.timestamp === second(2) ? { ...one, owner: person } : one));
      for (let at = 0; at < all.length; at += 40) await events.append(scope, all.slice(at, at + 40));

      const parts = await collect(events.readPersonDay(scope, person, '2026-02-21', range));
      const next = parts[0]?.next;
      const rest =
        next === undefined ? [] : await collect(events.readPersonDay(scope, person, '2026-02-21', range, next));

      const times = (some: typeof parts) =>
        some.flatMap(({ texts }) => texts.map(({ envelope }) => envelope.timestamp));
      expect(times(parts)).toEqual([second(3), second(2), second(1)]);
      expect(times(rest)).toEqual(times(parts.slice(1)));
      expect(parts.reduce((sum, { looked }) => sum + looked, 0)).toBe(173);
      expect(parts.at(-1)?.next).toBeUndefined();
    });

    it('has no way to change or remove an event', () => {
      const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(events)).sort();

      expect(methods).toEqual(
        [
          'append',
          'constructor',
          'findReferences',
          'get',
          'head',
          'ping',
          'readDay',
          'readPersonDay',
          'readSession',
          'readSlice',
          'readStream',
        ].sort(),
      );
    });

    it('answers a ping', async () => {
      await expect(events.ping()).resolves.toBeUndefined();
    });
  });
}
