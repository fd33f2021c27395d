import { describe, expect, it } from '@jest/globals';
import type { PolicyBundle, Revocation } from '@steward/contracts';
import { createManualClock } from '@steward/service-kit/test-support';
import { createRevocationCheck, revocationOf } from '../../src/grants/revocations.ts';
import { aliceBundle } from '../support/alice-bundle.ts';

const bundle: PolicyBundle = {
  ...aliceBundle,
  policyBundleVersion: 5,
  revocationSeq: 10,
};
const otherSession = 'sess_01JMZ5Z4Z5Z4Z5Z4Z5Z4Z5Z4Z6';
const entries = (...given: Partial<Revocation>[]): Revocation[] =>
  given.map((entry, index) => ({
    seq: 11 + index,
    kind: 'policy_activated',
    at: '2026-02-21T15:02:00.000Z',
    reason: 'An incident.',
    ...entry,
  }));

describe('revocationOf', () => {
  it.each<[string, Partial<Revocation>[], string | undefined]>([
    ['nothing', [], undefined],
    ['another policy that became active', [{ kind: 'policy_activated', policyBundleVersion: 6 }], undefined],
    ['a new key', [{ kind: 'key_rotated', kid: 'k1' }], undefined],
    ['older versions', [{ kind: 'bundle_revoked', policyBundleVersion: 4 }], undefined],
    ['its version', [{ kind: 'bundle_revoked', policyBundleVersion: 5 }], 'POLICY_EXPIRED'],
    ['the key that signed it', [{ kind: 'key_revoked', kid: 'k1' }], 'POLICY_BUNDLE_INVALID'],
    ['another key', [{ kind: 'key_revoked', kid: 'k2' }], undefined],
    ['its session', [{ kind: 'session_revoked', sessionId: bundle.sessionId }], 'PERMISSION_DENIED'],
    ['another session', [{ kind: 'session_revoked', sessionId: otherSession }], undefined],
    ['its person', [{ kind: 'user_disabled', userId: 'alice' }], 'PERMISSION_DENIED'],
    ['another person', [{ kind: 'user_disabled', userId: 'bob' }], undefined],
    [
      'its person, who may work again',
      [
        { kind: 'user_disabled', userId: 'alice' },
        { kind: 'user_enabled', userId: 'alice' },
      ],
      undefined,
    ],
    ['external actions', [{ kind: 'kill_switch_on' }], 'KILL_SWITCH_ACTIVE'],
    ['external actions, which go on', [{ kind: 'kill_switch_on' }, { kind: 'kill_switch_off' }], undefined],
    ['what was known when it was signed', [{ kind: 'bundle_revoked', policyBundleVersion: 9, seq: 10 }], undefined],
  ])('a stream that takes back %s', (_, given, code) => {
    expect(revocationOf(bundle, 'k1', entries(...given))?.code).toBe(code);
  });
});

describe('createRevocationCheck', () => {
  const setUp = () => {
    const clock = createManualClock();
    const stream = entries({}, {}, {});
    const asked: [string, number][] = [];
    const state = { isDown: false };
    const check = createRevocationCheck({
      clock,
      list: async (tenantId, fromSeq) => {
        asked.push([tenantId, fromSeq]);
        if (state.isDown) throw new Error('unreachable');
        const items = stream.filter(({ seq }) => seq >= fromSeq).slice(0, 2);
        return { items, lastSeq: stream.at(-1)!.seq };
      },
    });
    return { clock, stream, asked, state, check };
  };

  it('reads all pages once and then asks for what is new, a second later at the earliest', async () => {
    const { clock, stream, asked, check } = setUp();

    await Promise.all([check(bundle, 'k1'), check(bundle, 'k1')]);
    await check(bundle, 'k1');
    clock.advance(1_000);
    stream.push(...entries({ kind: 'kill_switch_on', seq: 14 }));

    await expect(check(bundle, 'k1')).rejects.toMatchObject({ code: 'KILL_SWITCH_ACTIVE' });
    expect(asked).toEqual([
      ['acme', 11],
      ['acme', 13],
      ['acme', 14],
    ]);
  });

  it('reads further back for a bundle that was signed earlier, and apart for another tenant', async () => {
    const { asked, check } = setUp();

    await check(bundle, 'k1');
    await check({ ...bundle, revocationSeq: 11 }, 'k1');
    await check({ ...bundle, revocationSeq: 2 }, 'k1');
    await check({ ...bundle, tenantId: 'globex' }, 'k1');

    expect(asked.filter(([, fromSeq]) => fromSeq < 13)).toEqual([
      ['acme', 11],
      ['acme', 3],
      ['globex', 11],
    ]);
  });

  it('goes by what it last read for half a minute, then refuses, and refuses from the start when it read nothing', async () => {
    const { clock, state, check } = setUp();
    const neverRead = setUp();
    neverRead.state.isDown = true;
    await check(bundle, 'k1');
    state.isDown = true;

    clock.advance(29_000);
    await expect(check(bundle, 'k1')).resolves.toBeUndefined();
    clock.advance(1_000);
    await expect(check(bundle, 'k1')).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await expect(neverRead.check(bundle, 'k1')).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });
});
