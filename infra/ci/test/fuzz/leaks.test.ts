import { describe, expect, test } from '@jest/globals';
import type { Call } from '../../src/fuzz/https.ts';
import { findLeaks, listedIds } from '../../src/fuzz/leaks.ts';
import type { LeakDeps, Listing } from '../../src/fuzz/leaks.ts';

const boxes: Listing = {
  service: 'things',
  person: 'bob',
  path: '/boxes',
  key: 'boxId',
  inside: { path: '/boxes/{id}/things', key: 'thingId' },
};

/** A service with boxes on two pages, one of which is gone by the time that somebody looks inside. */
const answers: Readonly<Record<string, { status: number; body: object }>> = {
  '/boxes?limit=100': { status: 200, body: { items: [{ boxId: 'box_1' }, { boxId: 'box_2' }], nextCursor: 'a b' } },
  '/boxes?limit=100&cursor=a%20b': { status: 200, body: { items: [{ boxId: 'box_3' }] } },
  '/boxes/box_1/things?limit=100': { status: 200, body: { items: [{ thingId: 't_1' }, { thingId: 't_2' }] } },
  '/boxes/box_2/things?limit=100': { status: 404, body: { code: 'NOT_FOUND' } },
  '/boxes/box_3/things?limit=100': { status: 200, body: { items: [] } },
};
const deps = (known: readonly string[], called: Call[] = []): LeakDeps => ({
  call: (call) => {
    called.push(call);
    const { status, body } = answers[call.url] ?? { status: 500, body: {} };
    return Promise.resolve({ status, text: JSON.stringify(body) });
  },
  services: { things: '' },
  tokens: { bob: 'his' },
  known: new Set(known),
});

describe('what a failed creation left behind', () => {
  test('is every item, on every page and inside of items, that no answer named', async () => {
    const called: Call[] = [];

    const results = await findLeaks(boxes, deps(['box_1', 'box_2', 't_1'], called));

    expect(results).toEqual([
      {
        place: 'things /boxes',
        looked: 3,
        problems: ['box_3 is there although no answer named it: {"boxId":"box_3"}'],
      },
      {
        place: 'things /boxes/{id}/things',
        looked: 2,
        problems: ['t_2 is there although no answer named it: {"thingId":"t_2"}'],
      },
    ]);
    expect(new Set(called.map(({ method, token }) => `${method} ${token}`))).toEqual(new Set(['GET his']));
  });

  test('is nothing when all were named', async () => {
    const known = await listedIds(boxes, deps([]));

    const results = await findLeaks(boxes, deps([...known, 't_1', 't_2']));

    expect(results.flatMap(({ problems }) => problems)).toEqual([]);
  });

  test('is not judged when a list can not be read', async () => {
    const unread = findLeaks({ ...boxes, path: '/elsewhere' }, deps([]));

    await expect(unread).rejects.toThrow('GET /elsewhere was answered 500');
  });
});
