import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  StewardError,
  assertValid,
  canonicalJson,
  childTrace,
  createEnvelope,
  digestOf,
  formatTraceparent,
  isId,
  newId,
  parseTraceparent,
  validateStartTaskParams,
} from '../src/index.ts';

describe('ids', () => {
  it('rise strictly and are recognised by prefix', () => {
    const ids = Array.from({ length: 500 }, () => newId('task'));

    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(500);
    expect(ids.every((id) => isId('task', id))).toBe(true);
    expect(isId('sess', ids[0])).toBe(false);
  });
});

describe('canonicalJson', () => {
  it('gives the same text and digest whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
        expect(digestOf(reversed)).toBe(digestOf(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('trace', () => {
  it('continues a trace with a new span', () => {
    const parent = childTrace();

    const child = childTrace(parseTraceparent(formatTraceparent(parent)));

    expect(child.traceId).toBe(parent.traceId);
    expect(child.spanId).not.toBe(parent.spanId);
  });

  it.each([
    [undefined],
    [''],
    ['00-xyz'],
    [`00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`],
    [`ff-${'1'.repeat(32)}-${'1'.repeat(16)}-01`],
  ])('treats %s as no trace', (header) => expect(parseTraceparent(header)).toBeUndefined());
});

describe('createEnvelope', () => {
  it('fills in id, time, severity and payload', () => {
    const deps = {
      clock: { now: () => new Date('2026-02-21T15:04:22.000Z'), monotonicMs: () => 0 },
      newId: () => 'evt_01JMZ5Z4Z5Z4Z5Z4Z5Z4Z5Z4Z5',
    };

    const event = createEnvelope(deps, {
      eventType: 'session_created',
      tenantId: 'acme',
      userId: 'alice',
      component: 'SessionService',
      boundedContext: 'SessionCoordination',
    });

    expect(event).toEqual({
      eventId: 'evt_01JMZ5Z4Z5Z4Z5Z4Z5Z4Z5Z4Z5',
      timestamp: '2026-02-21T15:04:22.000Z',
      eventType: 'session_created',
      tenantId: 'acme',
      userId: 'alice',
      component: 'SessionService',
      boundedContext: 'SessionCoordination',
      severity: 'info',
      payload: {},
    });
  });
});

describe('assertValid', () => {
  it('names the field and the rule, never the value', () => {
    const attempt = (): unknown => assertValid(validateStartTaskParams, { sessionId: 'hunter2' }, 'StartTask params');

    expect(attempt).toThrow(StewardError);
    expect(attempt).toThrow(/StartTask params: the field \w+/);
    expect(attempt).not.toThrow(/hunter2/);
  });
});
