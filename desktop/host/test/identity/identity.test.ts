import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FileTokenStore } from '../../src/identity/file-token-store.ts';
import { Identity } from '../../src/identity/identity.ts';
import { createOidc } from '../../src/identity/oidc.ts';
import { startIdentityProvider } from '../support/identity-provider.ts';
import type { TestIdentityProvider } from '../support/identity-provider.ts';
import { ManualTime } from '../support/manual-timers.ts';
import { temporaryHome } from '../support/temporary-home.ts';
import type { TemporaryHome } from '../support/temporary-home.ts';

const alice = { userId: 'alice', tenantId: 'acme', name: 'Alice', roles: ['user'] };

describe('Identity', () => {
  let provider: TestIdentityProvider;
  let home: TemporaryHome;
  let time: ManualTime;
  const opened: Identity[] = [];

  const open = (returnTo?: string): Identity => {
    const identity = new Identity({
      oidc: createOidc({ issuer: provider.issuer, clientId: 'steward-desktop', fetch }),
      tokenStore: new FileTokenStore(join(home.path, 'host')),
      clock: time,
      timers: time,
      returnTo: () => returnTo,
      onError: () => undefined,
    });
    opened.push(identity);
    return identity;
  };

  beforeEach(async () => {
    provider = await startIdentityProvider();
    home = await temporaryHome();
    time = new ManualTime();
  });
  afterEach(async () => {
    for (const identity of opened.splice(0)) identity.stop();
    await provider.stop();
    await home.remove();
  });

  it('signs in by code and PKCE through a loopback redirect and keeps the tokens to itself', async () => {
    const identity = open();

    const page = await identity.signIn();
    const answer = await provider.browse(page);

    expect(page.searchParams.get('code_challenge_method')).toBe('S256');
    expect(page.searchParams.get('redirect_uri')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
    expect(await answer.text()).toContain('You can close this tab');
    expect(identity.snapshot).toEqual({ state: 'signed_in', user: alice });
    expect(JSON.stringify(identity.snapshot)).not.toContain(await identity.accessToken());
  });

  it('leads the browser back to the app where there is one', async () => {
    const identity = open('http://127.0.0.1:4999/');

    const answer = await provider.browse(await identity.signIn());

    expect(await answer.text()).toContain('content="0;url=http://127.0.0.1:4999/"');
  });

  it('stops listening once the sign-in has ended', async () => {
    const identity = open();
    const page = await identity.signIn();
    await provider.browse(page);

    const again = fetch(page.searchParams.get('redirect_uri') ?? '');

    await expect(again).rejects.toThrow();
  });

  it('refuses a callback with a foreign state and says so', async () => {
    const identity = open();
    const page = await identity.signIn();

    const answer = await fetch(
      `${page.searchParams.get('redirect_uri')}?code=stolen&state=foreign&iss=${provider.issuer}`,
    );

    expect(answer.status).toBe(400);
    expect(identity.snapshot).toEqual({
      state: 'signed_out',
      message: 'The sign-in was refused or not completed. Try again.',
    });
  });

  it('gives up a sign-in that nobody finishes', async () => {
    const identity = open();
    await identity.signIn();

    time.advance(10 * 60_000);

    expect(identity.snapshot).toEqual({ state: 'signed_out', message: expect.stringContaining('ten minutes') });
  });

  it('takes up the sign-in of the last run, rotating the refresh token', async () => {
    const first = open();
    await provider.browse(await first.signIn());
    first.stop();
    const second = open();

    await second.start();
    const token = await second.accessToken();

    expect(second.snapshot).toEqual({ state: 'signed_in', user: alice });
    expect(token.split('.')).toHaveLength(3);
    expect(provider.refreshes()).toBe(1);
  });

  it('refreshes once for many who ask at the same time, and tells listeners', async () => {
    const identity = open();
    const heard: string[] = [];
    identity.listen({ changed: () => undefined, refreshed: (token) => heard.push(token) });
    await provider.browse(await identity.signIn());
    const before = await identity.accessToken();
    time.advance(9 * 60_000 - 1);
    expect(await identity.accessToken()).toBe(before);
    time.advance(1);

    const tokens = await Promise.all([identity.accessToken(), identity.accessToken(), identity.accessToken()]);

    expect(new Set(tokens).size).toBe(1);
    expect(tokens[0]).not.toBe(before);
    expect(heard).toEqual([tokens[0]]);
    expect(provider.refreshes()).toBe(1);
  });

  it('signs out when the provider has ended the grant', async () => {
    const identity = open();
    await provider.browse(await identity.signIn());
    provider.revokeAll();

    const refused = identity.accessToken({ force: true });

    await expect(refused).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    expect(identity.snapshot).toEqual({ state: 'signed_out', message: 'Your sign-in has ended. Sign in again.' });
  });

  it('stays signed in while the provider can’t be reached', async () => {
    const identity = open();
    await provider.browse(await identity.signIn());
    await provider.stop();

    const refused = identity.accessToken({ force: true });

    await expect(refused).rejects.toMatchObject({ code: 'INTERNAL_ERROR', retryable: true });
    expect(identity.snapshot.state).toBe('signed_in');
  });

  it('forgets and revokes the tokens at sign-out', async () => {
    const identity = open();
    await provider.browse(await identity.signIn());

    await identity.signOut();

    const next = open();
    await next.start();
    expect([identity.snapshot, next.snapshot]).toEqual([{ state: 'signed_out' }, { state: 'signed_out' }]);
    await expect(identity.accessToken()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  });

  it('keeps tokens in files of their owner only, and not in the clear', async () => {
    const store = new FileTokenStore(join(home.path, 'host'));
    await store.save({ refreshToken: 'very-secret', user: alice });

    const modes = await Promise.all(
      ['tokens.bin', 'tokens.key'].map(async (name) => (await stat(join(home.path, 'host', name))).mode & 0o777),
    );

    expect(modes).toEqual([0o600, 0o600]);
    expect(await store.load()).toEqual({ refreshToken: 'very-secret', user: alice });
  });
});
