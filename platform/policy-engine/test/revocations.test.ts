import { describe, expect, it } from '@jest/globals';
import type { Revocation } from '@steward/contracts';
import { readRevocation } from '../src/index.ts';

const sessionId = 'sess_01JMZ5Z4Z5Z4Z5Z4Z5Z4Z5Z4Z5';
const subject = { policyBundleVersion: 5, sessionId, userId: 'alice', kid: 'k1' };
const entry = (given: Partial<Revocation>): Revocation => ({
  seq: 11,
  kind: 'policy_activated',
  at: '2026-02-21T15:02:00.000Z',
  reason: 'An incident.',
  ...given,
});

describe('an entry of the revocation stream', () => {
  it.each<[string, Partial<Revocation>, string, boolean]>([
    ['the kill switch is thrown', { kind: 'kill_switch_on' }, 'stop_actions', true],
    ['the kill switch is taken back', { kind: 'kill_switch_off' }, 'allow_actions', true],
    ['older versions are revoked', { kind: 'bundle_revoked', policyBundleVersion: 4 }, 'refuse_versions', false],
    ['this version is revoked', { kind: 'bundle_revoked', policyBundleVersion: 5 }, 'refuse_versions', true],
    ['newer versions are revoked', { kind: 'bundle_revoked', policyBundleVersion: 9 }, 'refuse_versions', true],
    ['versions are revoked that it does not name', { kind: 'bundle_revoked' }, 'refuse_versions', false],
    ['its key is revoked', { kind: 'key_revoked', kid: 'k1' }, 'refuse_key', true],
    ['another key is revoked', { kind: 'key_revoked', kid: 'k2' }, 'refuse_key', false],
    ['a key is revoked that it does not name', { kind: 'key_revoked' }, 'refuse_key', false],
    ['its session is revoked', { kind: 'session_revoked', sessionId }, 'refuse_session', true],
    ['a session is revoked that it does not name', { kind: 'session_revoked' }, 'refuse_session', false],
    ['its person is disabled', { kind: 'user_disabled', userId: 'alice' }, 'refuse_person', true],
    ['another person is disabled', { kind: 'user_disabled', userId: 'bob' }, 'refuse_person', false],
    ['its person is enabled', { kind: 'user_enabled', userId: 'alice' }, 'admit_person', true],
    ['a key came', { kind: 'key_rotated', kid: 'k1' }, 'nothing', false],
    ['another policy became active', { policyBundleVersion: 6 }, 'fetch_again', true],
    ['something of a later version happened', { kind: 'later' as never }, 'fetch_again', true],
  ])('when %s', (_, given, effect, concerns) => {
    expect(readRevocation(entry(given), subject)).toEqual({
      effect,
      concerns,
      version: given.policyBundleVersion ?? 0,
    });
  });

  it('concerns no bundle whose key is not known when a key is revoked', () => {
    const { concerns } = readRevocation(entry({ kind: 'key_revoked' }), { ...subject, kid: undefined });

    expect(concerns).toBe(false);
  });
});
