import type { Clock } from '@steward/sdk';
import { ServiceUnreachableError, StewardError } from '@steward/sdk';
import type { IdentitySnapshot } from '../contract/bridge.ts';
import type { Timers } from '../timers.ts';
import type { FinishedSignIn } from './finish-page.ts';
import { LoopbackRedirect } from './loopback-redirect.ts';
import { isGrantOver } from './oidc.ts';
import type { AuthorizationRequest, Oidc, TokenSet } from './oidc.ts';
import { personOf } from './person.ts';
import type { Person } from './person.ts';
import type { TokenStore } from './token-store.ts';

/** What {@link Identity} needs. */
export interface IdentityDeps {
  readonly oidc: Oidc;
  readonly tokenStore: TokenStore;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Where the browser goes after a sign-in; undefined shows a page that can be closed. */
  readonly returnTo: () => string | undefined;
  readonly onError: (source: string, error: unknown) => void;
}

/** Told about every change; listeners must not throw. */
export interface IdentityListener {
  changed(snapshot: IdentitySnapshot): void;
  /** A new access token is in use. */
  refreshed(accessToken: string): void;
}

interface Grant {
  readonly person: Person;
  refreshToken: string;
  accessToken: string | undefined;
  /** Monotonic milliseconds after which the access token is not handed out any more. */
  staleAtMs: number;
}

/** A token is replaced this long before it expires, or at half its life when that is shorter. */
const refreshAheadMs = 60_000;
const signInTimeoutMs = 10 * 60_000;
const retryRefreshMs = 30_000;

/**
 * The one holder of a person's tokens: signs in and out, refreshes silently, hands access tokens to the host's own
 * clients and runtimes. One refresh at a time; a rotated refresh token is on disk before its access token is used.
 */
export class Identity {
  readonly #deps: IdentityDeps;
  readonly #listeners: IdentityListener[] = [];
  #snapshot: IdentitySnapshot = { state: 'signed_out' };
  #grant: Grant | undefined;
  #refreshing: Promise<string> | undefined;
  #cancelRefreshTimer: () => void = () => undefined;
  #cancelSignIn: () => void = () => undefined;

  constructor(deps: IdentityDeps) {
    this.#deps = deps;
  }

  get snapshot(): IdentitySnapshot {
    return this.#snapshot;
  }

  get person(): Person | undefined {
    return this.#grant?.person;
  }

  listen(listener: IdentityListener): void {
    this.#listeners.push(listener);
  }

  /** Takes up the sign-in of the last run, if there was one; the provider is asked in the background. */
  async start(): Promise<void> {
    const stored = await this.#deps.tokenStore.load();
    if (stored === undefined) return;
    this.#grant = { person: stored.user, refreshToken: stored.refreshToken, accessToken: undefined, staleAtMs: 0 };
    this.#become({ state: 'signed_in', user: stored.user });
    void this.accessToken().catch(() => undefined);
  }

  /** Stops timers and listeners; the kept tokens stay for the next run. */
  stop(): void {
    this.#cancelRefreshTimer();
    this.#cancelSignIn();
  }

  /** Begins a sign-in and returns the page to open. A sign-in already under way is given up. */
  async signIn(): Promise<URL> {
    if (this.#grant !== undefined) {
      throw new StewardError('CONFLICT', `${this.#grant.person.name} is signed in. Sign out first.`);
    }
    this.#cancelSignIn();
    let request: AuthorizationRequest | undefined;
    const redirect = await LoopbackRedirect.open({
      returnTo: this.#deps.returnTo(),
      onCallback: async (callback) => {
        end();
        return this.#finishSignIn(request, callback);
      },
    });
    const cancelTimer = this.#deps.timers.after(signInTimeoutMs, () => {
      end();
      this.#become({
        state: 'signed_out',
        message: 'The sign-in was not finished within ten minutes. Start it again.',
      });
    });
    const end = (): void => {
      cancelTimer();
      redirect.close();
      if (this.#cancelSignIn === end) this.#cancelSignIn = () => undefined;
    };
    this.#cancelSignIn = end;
    try {
      request = await this.#deps.oidc.authorize(redirect.redirectUri);
    } catch (error) {
      end();
      this.#deps.onError('identity', error);
      throw unreachable(error);
    }
    this.#become({ state: 'signing_in' });
    return request.url;
  }

  /** Forgets the tokens here and revokes them at the provider; signed out even when the provider can't be reached. */
  async signOut(): Promise<void> {
    this.#cancelSignIn();
    this.#cancelRefreshTimer();
    const grant = this.#grant;
    this.#grant = undefined;
    await this.#deps.tokenStore.clear();
    this.#become({ state: 'signed_out' });
    if (grant === undefined) return;
    await this.#deps.oidc.revoke(grant.refreshToken).catch((error: unknown) => this.#deps.onError('identity', error));
  }

  /**
   * An access token that is good for now. `force` replaces the current one (after a 401).
   * Throws UNAUTHORIZED when nobody is signed in, ServiceUnreachableError when the provider does not answer.
   */
  async accessToken(options: { force?: boolean } = {}): Promise<string> {
    const grant = this.#grant;
    if (grant === undefined) throw new StewardError('UNAUTHORIZED', 'Nobody is signed in. Sign in first.');
    const fresh = grant.accessToken !== undefined && this.#deps.clock.monotonicMs() < grant.staleAtMs;
    if (fresh && options.force !== true && grant.accessToken !== undefined) return grant.accessToken;
    this.#refreshing ??= this.#refresh(grant).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #finishSignIn(request: AuthorizationRequest | undefined, callback: URL): Promise<FinishedSignIn> {
    try {
      if (request === undefined) throw new StewardError('CONFLICT', 'The sign-in had not begun.');
      const tokens = await request.exchange(callback);
      const person = personOf(tokens.claims);
      if (tokens.refreshToken === undefined) {
        throw new StewardError('UNAUTHORIZED', 'The identity provider gave no refresh token (offline_access).');
      }
      const grant = { person, refreshToken: tokens.refreshToken, accessToken: undefined, staleAtMs: 0 };
      await this.#deps.tokenStore.save({ refreshToken: tokens.refreshToken, user: person });
      this.#grant = grant;
      this.#take(grant, tokens);
      this.#become({ state: 'signed_in', user: person });
      return { ok: true, message: `Signed in as ${person.name}.` };
    } catch (error) {
      this.#deps.onError('identity', error);
      const message = 'The sign-in was refused or not completed.';
      this.#become({ state: 'signed_out', message: `${message} Try again.` });
      return { ok: false, message };
    }
  }

  async #refresh(grant: Grant): Promise<string> {
    let tokens: TokenSet;
    try {
      tokens = await this.#deps.oidc.refresh(grant.refreshToken);
    } catch (error) {
      this.#deps.onError('identity', error);
      if (this.#grant !== grant) throw signedOut();
      if (isGrantOver(error)) {
        await this.#end('Your sign-in has ended. Sign in again.');
        throw signedOut();
      }
      this.#scheduleRefresh(retryRefreshMs);
      throw unreachable(error);
    }
    if (this.#grant !== grant) throw signedOut();
    if (tokens.refreshToken !== undefined && tokens.refreshToken !== grant.refreshToken) {
      grant.refreshToken = tokens.refreshToken;
      await this.#deps.tokenStore.save({ refreshToken: tokens.refreshToken, user: grant.person });
    }
    this.#take(grant, tokens);
    for (const listener of this.#listeners) listener.refreshed(tokens.accessToken);
    return tokens.accessToken;
  }

  #take(grant: Grant, tokens: TokenSet): void {
    const lifeMs = tokens.expiresInSeconds * 1000;
    const usableMs = Math.max(lifeMs - refreshAheadMs, lifeMs / 2);
    grant.accessToken = tokens.accessToken;
    grant.staleAtMs = this.#deps.clock.monotonicMs() + usableMs;
    this.#scheduleRefresh(usableMs);
  }

  #scheduleRefresh(ms: number): void {
    this.#cancelRefreshTimer();
    this.#cancelRefreshTimer = this.#deps.timers.after(ms, () => {
      void this.accessToken({ force: true }).catch(() => undefined);
    });
  }

  async #end(message: string): Promise<void> {
    this.#cancelRefreshTimer();
    this.#grant = undefined;
    await this.#deps.tokenStore.clear();
    this.#become({ state: 'signed_out', message });
  }

  #become(snapshot: IdentitySnapshot): void {
    this.#snapshot = snapshot;
    for (const listener of this.#listeners) listener.changed(snapshot);
  }
}

function signedOut(): StewardError {
  return new StewardError('UNAUTHORIZED', 'Your sign-in has ended. Sign in again.');
}

function unreachable(cause: unknown): StewardError {
  if (cause instanceof StewardError) return cause;
  return new ServiceUnreachableError('The identity provider can’t be reached. Check that it runs, then try again.', {
    cause,
  });
}
