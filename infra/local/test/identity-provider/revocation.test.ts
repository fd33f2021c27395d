import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createAuthenticator, createRevocationList } from '@steward/service-kit';
import type { Authenticator } from '@steward/service-kit';
import { changeRules } from '../../src/accounts/change-rules.ts';
import type { AccountAction } from '../../src/accounts/change-rules.ts';
import { readAccountRules, writeAccountRules } from '../../src/identity-provider/account-rules.ts';
import { signInByHttp } from '../../src/token/sign-in-by-http.ts';
import { startIdentityServer } from '../support/start-identity-server.ts';
import type { RunningIdentityServer } from '../support/start-identity-server.ts';

// Real processes and sockets: a busy machine must not turn a slow answer into a failure.
let identity: RunningIdentityServer;
let monotonicMs: number;
let authenticate: Authenticator;
beforeEach(async () => {
  identity = await startIdentityServer();
  monotonicMs = 0;
  const { clientSecrets } = JSON.parse(await readFile(join(identity.folder, 'secrets.json'), 'utf8'));
  const clock = { now: () => new Date(), monotonicMs: () => monotonicMs };
  const revocation = createRevocationList({
    url: `${identity.issuer}/revocations`,
    client: { id: 'policy-service', secret: clientSecrets['policy-service'] },
    clock,
  });
  authenticate = createAuthenticator({ issuer: identity.issuer, audiences: ['urn:steward:api'], clock, revocation });
});
afterEach(async () => identity.stop());

const signIn = (name: string) => signInByHttp({ issuer: identity.issuer, name, password: name });

const refresh = (token: string): Promise<Response> =>
  fetch(new URL('/token', identity.issuer), {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'refresh_token', client_id: 'steward-desktop', refresh_token: token }),
  });

async function operator(action: AccountAction, name: string): Promise<void> {
  const { rules } = changeRules(await readAccountRules(identity.folder), action, name, Date.now());
  await writeAccountRules(identity.folder, rules);
}

/** The time after which a service has read the list again, in which it says what it knows. */
async function halfAMinuteLater(): Promise<void> {
  monotonicMs += 30_000;
}

const outcomeOf = (token: string): Promise<string> =>
  authenticate(token).then(
    ({ subject }) => subject,
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  );
const refused = 'UNAUTHORIZED: The access was ended by an administrator or a sign-out; sign in again.';

describe('a person whom an operator disables', () => {
  it('is refused by services half a minute later, can neither refresh nor sign in, and others go on', async () => {
    const alice = await signIn('alice');
    const bob = await signIn('bob');
    const before = await outcomeOf(alice.access_token);

    await operator('disable', 'alice');
    await halfAMinuteLater();

    expect([before, await outcomeOf(alice.access_token), await outcomeOf(bob.access_token)]).toEqual([
      'alice',
      refused,
      'bob',
    ]);
    expect((await refresh(alice.refresh_token)).status).toBe(400);
    await expect(signIn('alice')).rejects.toThrow();
  });

  it('signs in anew once enabled, while what was issued before stays refused', async () => {
    const before = await signIn('alice');
    await operator('disable', 'alice');

    await operator('enable', 'alice');
    // Issued in a later second than the one in which everything was ended.
    const ended = (await readAccountRules(identity.folder)).endedUntil['alice'] ?? 0;
    await writeAccountRules(identity.folder, { disabled: [], endedUntil: { alice: ended } });
    while (Math.floor(Date.now() / 1000) <= ended) await new Promise((resolve) => setImmediate(resolve));
    const after = await signIn('alice');

    expect([await outcomeOf(before.access_token), await outcomeOf(after.access_token)]).toEqual([refused, 'alice']);
  });
});

describe('a sign-in that is revoked', () => {
  it('takes its access token with it, and no other of the same person, also after a restart', async () => {
    const laptop = await signIn('alice');
    const desk = await signIn('alice');

    await fetch(new URL('/token/revocation', identity.issuer), {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'steward-desktop', token: laptop.refresh_token }),
    });
    await identity.restart();

    expect([await outcomeOf(laptop.access_token), await outcomeOf(desk.access_token)]).toEqual([refused, 'alice']);
  });
});

describe('the list of what was revoked', () => {
  it.each([
    ['nobody', {}],
    ['a wrong secret', { authorization: `Basic ${btoa('policy-service:guess')}` }],
  ])('is not shown to %s', async (_who, headers) => {
    const response = await fetch(`${identity.issuer}/revocations`, { headers: headers as Record<string, string> });

    expect([response.status, await response.text()]).toEqual([401, '']);
  });

  it('is kept in a file that its owner alone can read', async () => {
    await operator('end-sign-ins', 'bob');

    expect((await stat(join(identity.folder, 'accounts.json'))).mode & 0o777).toBe(0o600);
  });
});
