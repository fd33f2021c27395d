import { describe, expect, it } from '@jest/globals';
import { LoginAttempts } from '../../src/identity-provider/login-attempts.ts';

function attemptsAt(clock: { now: number }): LoginAttempts {
  return new LoginAttempts(() => clock.now, { maxFailures: 2, windowMs: 1000 });
}

describe('login attempts', () => {
  it('lock a name after too many failures until the window has passed', () => {
    const clock = { now: 0 };
    const attempts = attemptsAt(clock);

    const free = attempts.secondsUntilAllowed('alice');
    attempts.failed('alice');
    attempts.failed('alice');
    const locked = attempts.secondsUntilAllowed('alice');
    const other = attempts.secondsUntilAllowed('bob');
    clock.now = 1000;
    const later = attempts.secondsUntilAllowed('alice');

    expect({ free, locked, other, later }).toEqual({ free: 0, locked: 1, other: 0, later: 0 });
  });

  it('forget failures after a success', () => {
    const attempts = attemptsAt({ now: 0 });
    attempts.failed('alice');

    attempts.succeeded('alice');
    attempts.failed('alice');

    expect(attempts.secondsUntilAllowed('alice')).toBe(0);
  });
});
