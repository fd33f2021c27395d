import { describe, expect, it } from '@jest/globals';
import { draftOf } from '../../src/events/draft.ts';
import { personOf, sentEvent } from '../fixtures.ts';

const alice = personOf('alice');

describe('draftOf', () => {
  it('takes tenant and user from the caller and ignores a claimed place in the stream', () => {
    const sent = sentEvent({
      tenantId: 'globex',
      userId: 'mallory',
      streamType: 'tenant',
      streamId: 'globex',
      streamSeq: 99,
      prevHash: 'x',
      hash: 'y',
    });

    const { envelope } = draftOf(alice, sent);

    const { streamType: _type, streamId: _id, streamSeq: _seq, prevHash: _prev, hash: _hash, ...rest } = sent;
    expect(envelope).toEqual({ ...rest, tenantId: 'acme', userId: 'alice', principal: { type: 'user', id: 'alice' } });
  });

  it('lets a person act through an agent but never as a service or as somebody else', () => {
    const principals = [
      { type: 'agent', id: 'runtime' },
      { type: 'service', id: 'policy-service' },
      { type: 'user', id: 'bob' },
    ] as const;

    const kept = principals.map((principal) => draftOf(alice, sentEvent({ principal })).envelope.principal);

    expect(kept).toEqual([
      { type: 'agent', id: 'runtime' },
      { type: 'user', id: 'alice' },
      { type: 'user', id: 'alice' },
    ]);
  });

  it('refuses events in the name of a service from anybody else', () => {
    expect(() => draftOf(alice, sentEvent({ component: 'ApprovalService' }))).toThrow(
      expect.objectContaining({ code: 'PERMISSION_DENIED' }),
    );
  });

  it('accepts a payload of 64 KiB and refuses a larger or deeper one', () => {
    const fitting = { text: 'x'.repeat(64 * 1024 - '{"text":""}'.length) };
    let deep: object = {};
    for (let n = 0; n < 40; n += 1) deep = { deep };

    expect(draftOf(alice, sentEvent({ payload: fitting })).envelope.payload).toEqual(fitting);
    expect(() => draftOf(alice, sentEvent({ payload: { text: `${fitting.text}x` } }))).toThrow(
      expect.objectContaining({ code: 'FILE_TOO_LARGE' }),
    );
    expect(() => draftOf(alice, sentEvent({ payload: { deep } }))).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST' }),
    );
  });

  it('writes every time in UTC with milliseconds, so that times sort as text', () => {
    const { envelope } = draftOf(alice, sentEvent({ timestamp: '2026-02-21T16:04:22+01:00' }));

    expect(envelope.timestamp).toBe('2026-02-21T15:04:22.000Z');
    expect(() => draftOf(alice, sentEvent({ timestamp: '2026-02-31T99:00:00Z' }))).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST' }),
    );
  });
});
