import { Writable } from 'node:stream';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import supertest from 'supertest';
import { createService } from '../../src/index.ts';
import { createTestIssuer } from '../../src/test-support/index.ts';
import type { TestIssuer } from '../../src/test-support/index.ts';
import { things } from '../things-openapi.ts';
import type { ThingOperations } from '../things-openapi.ts';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await createTestIssuer();
});

/** A service that keeps the lines it logs. */
function build() {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const service = createService<ThingOperations>({
    name: 'things',
    openApi: things,
    handlers: {
      createThing: ({ body }) => ({ status: 201, body: { name: body.name, tenantId: 'acme', number: 1 } }),
      getThing: () => ({ status: 200, body: { name: 'a', tenantId: 'acme', number: 1 } }),
      getKeys: () => ({ status: 200, body: { keys: [] } }),
    },
    authenticate: issuer.authenticate,
    logger: pino({ base: { service: 'things' }, timestamp: () => `,"time":"${new Date(0).toISOString()}"` }, stream),
  });
  return { app: service.app, lines };
}

describe('the log line of a request', () => {
  it('says when, where, who, what and how it ended, in one line of JSON', async () => {
    const { app, lines } = build();
    const token = await issuer.tokenFor();

    await supertest(app).get('/v1/things/x').set('authorization', `Bearer ${token}`);
    await supertest(app).get('/v1/things/x');

    const told = lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ msg }) => msg === 'request');
    expect(told).toEqual([
      {
        level: 30,
        time: '1970-01-01T00:00:00.000Z',
        service: 'things',
        traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
        requestId: expect.stringMatching(/^req_/),
        method: 'GET',
        operation: 'getThing',
        status: 200,
        completed: true,
        durationMs: expect.any(Number),
        tenantId: expect.any(String),
        principal: expect.any(String),
        msg: 'request',
      },
      expect.objectContaining({ method: 'GET', operation: 'getThing', status: 401 }),
    ]);
  });

  it('says nothing of bodies, queries and tokens', async () => {
    const { app, lines } = build();
    const token = await issuer.tokenFor();

    await supertest(app).post('/v1/things').set('authorization', `Bearer ${token}`).send({ name: 'canary-body' });
    await supertest(app).get('/v1/things/x?times=canary-query').set('authorization', `Bearer ${token}`);

    const told = lines.join('');
    expect(lines.length).toBeGreaterThan(0);
    expect(['canary', token, 'Bearer'].filter((secret) => told.includes(secret))).toEqual([]);
  });

  it('cannot be broken by what a path or a trace holds', async () => {
    const { app, lines } = build();

    await supertest(app).get('/v1/%0a%7B%22status%22:200%7D%0d%0a').set('traceparent', '00-{"a":1}-x-01');

    expect(lines.join('').trimEnd().split('\n')).toHaveLength(lines.length);
    expect(lines.map((line) => (JSON.parse(line) as { status: number }).status)).toEqual([404]);
  });
});
