import { describe, expect, it } from '@jest/globals';
import { claimLease, leaseMs } from '../../src/sessions/lease.ts';

const now = Date.parse('2026-02-21T15:00:00.000Z');
const iso = (ms: number): string => new Date(ms).toISOString();
const desk = { instanceId: 'a', machineName: 'desk' };
const laptop = { instanceId: 'b', machineName: 'laptop' };
const held = { ...desk, since: iso(now - 60_000), until: iso(now + 30_000) };

describe('the lease on a session', () => {
  it('goes to the first who asks, is renewed by its holder and keeps its beginning', () => {
    const first = claimLease(undefined, desk, now);
    const renewed = claimLease(first, desk, now + 30_000);

    expect(first).toEqual({ ...desk, since: iso(now), until: iso(now + leaseMs) });
    expect(renewed).toEqual({ ...desk, since: iso(now), until: iso(now + 30_000 + leaseMs) });
  });

  it('is refused to a second runtime, which learns where, since when and until when it is held', () => {
    expect(() => claimLease(held, laptop, now)).toThrow(
      expect.objectContaining({
        code: 'LEASE_LOST',
        message: expect.stringContaining('open on desk'),
        details: { machineName: 'desk', since: held.since, until: held.until },
      }),
    );
  });

  it.each([
    ['has expired', laptop, now + 30_000],
    ['is held by the one that is proved to have ended', { ...laptop, replaces: 'a' }, now],
  ])('is taken over when it %s', (_what, holder, at) => {
    expect(claimLease(held, holder, at)).toEqual({
      instanceId: 'b',
      machineName: 'laptop',
      since: iso(at),
      until: iso(at + leaseMs),
    });
  });

  it('is given up by its holder alone', () => {
    expect(claimLease(held, { ...desk, released: true }, now)).toBeUndefined();
    expect(claimLease(held, { ...laptop, released: true }, now)).toEqual(held);
  });
});
