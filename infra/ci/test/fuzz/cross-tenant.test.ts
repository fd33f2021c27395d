import { describe, expect, test } from '@jest/globals';
import { judge, replayForeignIds } from '../../src/fuzz/cross-tenant.ts';
import { idPlacesOf, operationsOf } from '../../src/fuzz/foreign-ids.ts';
import type { Document, IdPlace } from '../../src/fuzz/foreign-ids.ts';
import type { Call } from '../../src/fuzz/https.ts';

const idSchema = (prefix: string) => ({ type: 'string', pattern: `^${prefix}_[0-9A-HJKMNP-TV-Z]{26}$` });
const document = {
  paths: {
    '/boxes/{boxId}/things/{thingId}': {
      parameters: [{ $ref: '#/components/parameters/Box' }],
      get: {
        operationId: 'getThing',
        'x-access': { roles: ['user'] },
        parameters: [
          { name: 'thingId', in: 'path', required: true, schema: { $ref: '#/components/schemas/ThingId' } },
          { name: 'limit', in: 'query', schema: { type: 'integer' } },
          { name: 'seenBy', in: 'query', schema: { $ref: '#/components/schemas/ThingId' } },
        ],
      },
    },
    '/things': {
      post: {
        operationId: 'makeThing',
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/ThingInput' } } } },
      },
    },
  },
  components: {
    parameters: { Box: { name: 'boxId', in: 'path', required: true, schema: idSchema('box') } },
    schemas: {
      ThingId: idSchema('thing'),
      ThingInput: { properties: { name: { type: 'string' }, copyOf: { $ref: '#/components/schemas/ThingId' } } },
    },
  },
} as unknown as Document;

const placeOf = (where: IdPlace['in']): IdPlace => {
  const found = idPlacesOf(document).find((place) => place.in === where);
  if (found === undefined) throw new Error(`no place in the ${where}`);
  return found;
};

describe('places that take ids', () => {
  test('are found in paths, shared parameters, queries and bodies', () => {
    const places = idPlacesOf(document).map(({ operation, in: where, name, kind }) => [operation, where, name, kind]);

    expect(operationsOf(document)).toEqual(['getThing', 'makeThing']);
    expect(places).toEqual([
      ['getThing', 'path', 'boxId', 'box'],
      ['getThing', 'path', 'thingId', 'thing'],
      ['getThing', 'query', 'seenBy', 'thing'],
      ['makeThing', 'body', 'copyOf', 'thing'],
    ]);
  });
});

describe('the replay of a foreign id', () => {
  const replay = async (place: IdPlace, answerTo: (call: Call) => { status: number; text: string }) => {
    const calls: Call[] = [];
    const result = await replayForeignIds(place, ['box_A'], {
      call: async (call) => {
        calls.push(call);
        return answerTo(call);
      },
      baseUrl: 'https://service/v1',
      token: 'stranger',
      foreignWords: ['"acme"'],
      bodies: { makeThing: { name: 'mine' } },
      unknownId: (kind) => `${kind}_new`,
    });
    return { calls, result };
  };

  test('asks for an unknown id and for the foreign one, alike in everything else', async () => {
    const { calls } = await replay(placeOf('path'), () => ({ status: 404, text: '' }));

    expect(calls).toEqual([
      { method: 'GET', url: 'https://service/v1/boxes/box_new/things/thing_new', token: 'stranger' },
      { method: 'GET', url: 'https://service/v1/boxes/box_A/things/thing_new', token: 'stranger' },
    ]);
  });

  test('puts ids of bodies beside what the operation needs', async () => {
    const { calls } = await replay(placeOf('body'), () => ({ status: 201, text: '' }));

    expect(calls.map(({ body }) => body)).toEqual([
      { name: 'mine', copyOf: 'thing_new' },
      { name: 'mine', copyOf: 'box_A' },
    ]);
  });

  test('fails where the service tells the two apart', async () => {
    const { result } = await replay(placeOf('path'), ({ url }) => ({
      status: url.includes('box_A') ? 403 : 404,
      text: '',
    }));

    expect(result).toEqual({
      place: 'getThing path boxId',
      replayed: 1,
      problems: ['box_A: answered 403, not 404'],
    });
  });

  test.each([
    [
      'a word of the owner',
      'query',
      { status: 200, text: '{"tenantId":"acme"}' },
      { status: 200, text: '{}' },
      /"acme" of the owner/,
    ],
    ['success in a path', 'path', { status: 200, text: '{}' }, { status: 404, text: '{}' }, /answered 200, not 404/],
    ['another status', 'body', { status: 409, text: '{}' }, { status: 201, text: '{}' }, /409, an unknown id 201/],
    ['another 404', 'path', { status: 404, text: 'gone A' }, { status: 404, text: 'no B' }, /differs/],
  ] as const)('names %s', (_what, where, answer, control, problem) => {
    const found = judge({ in: where }, { id: 'A', answer }, { id: 'B', answer: control }, ['"acme"']);

    expect(found).toMatch(problem);
  });

  test('accepts answers that differ in the id alone', () => {
    const found = judge(
      { in: 'path' },
      { id: 'A', answer: { status: 404, text: 'no A' } },
      { id: 'B', answer: { status: 404, text: 'no B' } },
      [],
    );

    expect(found).toBeUndefined();
  });
});
