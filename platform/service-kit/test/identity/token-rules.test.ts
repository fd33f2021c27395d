import { beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import { createAuthenticator } from '../../src/index.ts';
import { createManualClock, createTestIssuer } from '../../src/test-support/index.ts';
import type { TestIssuer, TokenRequest } from '../../src/test-support/index.ts';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await createTestIssuer();
});

/** Both the token and its reader go by it, so that no slow moment between them lets a token expire. */
const clock = createManualClock();
const now = Math.floor(clock.now().getTime() / 1000);

const outcomeOf = (
  token: string,
  options: { tokenTypes?: string[]; clock?: ReturnType<typeof createManualClock> } = {},
) =>
  createAuthenticator({ issuer: issuer.issuer, audiences: [issuer.audience], keys: issuer.keys, ...options })(
    token,
  ).then(
    () => 'accepted',
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  );

describe('an access token', () => {
  it.each<[string, TokenRequest, string]>([
    ['that lives ten minutes', { expiresInSeconds: 600 }, 'accepted'],
    [
      'that lives a second longer',
      { expiresInSeconds: 601 },
      'UNAUTHORIZED: The access token lives longer than 600 seconds; ask an admin to shorten it at the identity provider.',
    ],
    [
      'that was issued long ago and still lives',
      { expiresInSeconds: 10, issuedAgoSeconds: 3600 },
      'UNAUTHORIZED: The access token lives longer than 600 seconds; ask an admin to shorten it at the identity provider.',
    ],
    ['that expired within the skew', { expiresInSeconds: -2, issuedAgoSeconds: 60 }, 'accepted'],
    ['that expired before it', { expiresInSeconds: -30 }, 'UNAUTHORIZED: The access token has expired; sign in again.'],
    [
      'that is not yet good',
      { claims: { nbf: now + 60 } },
      'UNAUTHORIZED: The access token is not valid here; sign in again.',
    ],
    ['that becomes good within the skew', { claims: { nbf: now + 3 } }, 'accepted'],
    [
      'that is issued in the future',
      { issuedAgoSeconds: -60 },
      'UNAUTHORIZED: The access token is issued in the future; check the clocks.',
    ],
    [
      'without the time of its issue',
      { saysIssueTime: false },
      'UNAUTHORIZED: The access token is not valid here; sign in again.',
    ],
    [
      'of the kind of an id token',
      { typ: 'JWT' },
      'UNAUTHORIZED: The token is not an access token; sign in again and send the access token.',
    ],
    ['whose kind is written as a media type', { typ: 'application/at+JWT' }, 'accepted'],
  ])('%s is judged by its claims', async (_what, request, expected) => {
    const token = await issuer.tokenFor({ now: clock.now(), ...request });

    const outcome = await outcomeOf(token, { clock });

    expect(outcome).toBe(expected);
  });

  it('of another kind is accepted where the configuration names that kind', async () => {
    expect(await outcomeOf(await issuer.tokenFor({ typ: 'JWT' }), { tokenTypes: ['at+jwt', 'JWT'] })).toBe('accepted');
  });

  it('signed with a shared secret is refused, also with the public key as the secret', async () => {
    const secret = new TextEncoder().encode(JSON.stringify(issuer.jwks.keys[0]));
    const token = await new SignJWT({ tenant_id: 'acme', roles: ['admin'] })
      .setProtectedHeader({ alg: 'HS256', kid: 'test', typ: 'at+jwt' })
      .setIssuer(issuer.issuer)
      .setSubject('alice')
      .setAudience(issuer.audience)
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(secret);

    expect(await outcomeOf(token)).toBe('UNAUTHORIZED: The access token is not valid here; sign in again.');
  });

  it('that was accepted is refused once it has expired, although its signature is remembered', async () => {
    const clock = createManualClock(new Date().toISOString());
    const authenticate = createAuthenticator({
      issuer: issuer.issuer,
      audiences: [issuer.audience],
      keys: issuer.keys,
      clock,
    });
    const token = await issuer.tokenFor({ expiresInSeconds: 20 });
    await authenticate(token);

    clock.advance(30_000);

    await expect(authenticate(token)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  });
});
