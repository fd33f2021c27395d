import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import supertest from 'supertest';
import { assertJsonShape } from '../../src/http/json-shape.ts';
import { createService } from '../../src/index.ts';
import { createTestIssuer, silentLogger } from '../../src/test-support/index.ts';
import type { TestIssuer } from '../../src/test-support/index.ts';
import { things } from '../things-openapi.ts';
import type { ThingOperations } from '../things-openapi.ts';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await createTestIssuer();
});

const bounds = { depth: 4, members: 10 };
const judge = (text: string): string => {
  try {
    assertJsonShape(Buffer.from(text), bounds, 'The body');
    return 'passes';
  } catch (error) {
    return (error as Error).message;
  }
};

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

function commasOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const members = Object.values(value);
  return Math.max(0, members.length - 1) + members.reduce<number>((sum, member) => sum + commasOf(member), 0);
}

describe('the shape of a JSON text', () => {
  it('is what the parsed value would have, whatever its strings hold', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 7 }), (value) => {
        const expected = depthOf(value) > bounds.depth || commasOf(value) > bounds.members ? 'refused' : 'passes';
        expect(judge(JSON.stringify(value)) === 'passes' ? 'passes' : 'refused').toBe(expected);
      }),
    );
  });

  it.each([
    ['{"a":"[[[[[[[[[["}', 'passes'],
    ['{"a":"\\"[[[[[[[[[["}', 'passes'],
    ['{"a":"\\\\","b":[[[[[]]]]]}', 'The body is nested more than 4 levels deep; send it flatter.'],
    ['"never ends [[[[[[[', 'passes'],
    ['[0,0,0,0,0,0,0,0,0,0,0]', 'passes'],
    ['[0,0,0,0,0,0,0,0,0,0,0,0]', 'The body has more than 10 members; send less at once.'],
  ])('of %s is judged without parsing it', (text, expected) => {
    expect(judge(text)).toBe(expected);
  });
});

describe('the body of a request', () => {
  const post = async (headers: Record<string, string>, body: Buffer) => {
    const { app } = createService<ThingOperations>({
      name: 'things',
      openApi: things,
      handlers: {
        createThing: ({ body: thing }) => ({ status: 201, body: { name: thing.name, tenantId: 'acme', number: 1 } }),
        getThing: () => ({ status: 200, body: { name: 'a', tenantId: 'acme', number: 1 } }),
        getKeys: () => ({ status: 200, body: { keys: [] } }),
      },
      authenticate: issuer.authenticate,
      logger: silentLogger,
    });
    const request = supertest(app)
      .post('/v1/things')
      .set({ authorization: `Bearer ${await issuer.tokenFor()}` });
    const response = await request
      .set({ 'content-type': 'application/json', ...headers })
      .serialize((raw: unknown) => raw as string)
      .send(body as never);
    return [response.status, response.body.code ?? response.body.name];
  };

  it('is read packed and unpacked alike', async () => {
    const text = Buffer.from('{"name":"Zoë"}');

    expect([await post({}, text), await post({ 'content-encoding': 'gzip' }, gzipSync(text))]).toEqual([
      [201, 'Zoë'],
      [201, 'Zoë'],
    ]);
  });

  it.each<[string, Record<string, string>, Buffer, [number, string]]>([
    [
      'unpacks to too much',
      { 'content-encoding': 'gzip' },
      gzipSync(`{"name":"${'x'.repeat(100_000)}"}`),
      [413, 'FILE_TOO_LARGE'],
    ],
    ['is packed in an unknown way', { 'content-encoding': 'zstd' }, Buffer.from('{}'), [400, 'INVALID_REQUEST']],
    ['is packed badly', { 'content-encoding': 'gzip' }, Buffer.from('{"name":"a"}'), [400, 'INVALID_REQUEST']],
    ['is not UTF-8', {}, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), [400, 'INVALID_REQUEST']],
  ])('is refused when it %s', async (_what, headers, body, expected) => {
    expect(await post(headers, body)).toEqual(expected);
  });
});
