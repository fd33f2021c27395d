import { systemClock } from '@steward/sdk';
import type { Clock } from '@steward/sdk';
import type { VerifiedToken } from './verified-token.ts';
import { ProviderUnavailableError } from './provider-metadata.ts';
import { identityUnavailable, maxAnswerAgeMs, revoked } from './revocation.ts';
import type { RevocationCheck } from './revocation.ts';

/** One entry of a published list: what is no longer good. */
export interface Revocation {
  /** A person or client (`sub`), one sign-in (`sid`) or one token (`jti`). */
  readonly kind: 'subject' | 'sign_in' | 'token';
  readonly id: string;
  /** Tokens issued up to then, in seconds since 1970; absent: all of them, as for a disabled account. */
  readonly issuedUntil?: number;
}

/** Where the list is and how often it is read. */
export interface RevocationListOptions {
  readonly url: string;
  /** Sent as HTTP Basic; none unless given. */
  readonly client?: { readonly id: string; readonly secret: string };
  /** Age from which the list is read again beside the request that noticed it; 10 s unless given. */
  readonly refreshMs?: number;
  readonly clock?: Clock;
  readonly fetch?: typeof globalThis.fetch;
}

/** Age from which a request waits for the fresh list: with the interval above it stays far below a minute. */
const waitFromMs = 30_000;
const maxEntries = 100_000;
const timeoutMs = 5000;

/**
 * Checks tokens against a list that the identity provider publishes (`{revoked: Revocation[]}`). The list is read when
 * tokens arrive: from 10 s of age on in the background, from 30 s on before the request goes on. While it cannot be
 * read the last one counts for a minute; after that every token is refused with SERVICE_UNAVAILABLE.
 */
export function createRevocationList(options: RevocationListOptions): RevocationCheck {
  const clock = options.clock ?? systemClock;
  let list: { readonly has: (token: VerifiedToken) => boolean; readonly readAtMs: number } | undefined;
  let reading: Promise<void> | undefined;
  const read = (): Promise<void> => {
    const startedMs = clock.monotonicMs();
    return (reading ??= fetchList(options)
      .then((entries) => {
        list = { has: indexOf(entries), readAtMs: startedMs };
      })
      .finally(() => {
        reading = undefined;
      }));
  };
  return async (token) => {
    const ageMs = list === undefined ? Infinity : clock.monotonicMs() - list.readAtMs;
    if (ageMs >= waitFromMs) await read().catch((error: unknown) => assertUsable(ageMs, error));
    else if (ageMs >= (options.refreshMs ?? 10_000)) void read().catch(() => undefined);
    if (list?.has(token) === true) throw revoked();
  };
}

function assertUsable(ageMs: number, cause: unknown): void {
  if (ageMs > maxAnswerAgeMs)
    throw identityUnavailable('The identity provider does not say which sign-ins have ended', cause);
}

async function fetchList(options: RevocationListOptions): Promise<readonly Revocation[]> {
  const { url, client } = options;
  const response = await (options.fetch ?? globalThis.fetch)(url, {
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
    headers: client === undefined ? {} : { authorization: basicCredentials(client) },
  });
  if (!response.ok) throw new ProviderUnavailableError(`${url} answered ${response.status}.`);
  const { revoked: entries } = (await response.json()) as { revoked?: unknown };
  if (!Array.isArray(entries) || entries.length > maxEntries || !entries.every(isRevocation))
    throw new ProviderUnavailableError(`${url} is not a list of revocations.`);
  return entries;
}

function isRevocation(value: unknown): value is Revocation {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, id, issuedUntil } = value as Record<string, unknown>;
  return (
    (kind === 'subject' || kind === 'sign_in' || kind === 'token') &&
    typeof id === 'string' &&
    (issuedUntil === undefined || typeof issuedUntil === 'number')
  );
}

function indexOf(entries: readonly Revocation[]): (token: VerifiedToken) => boolean {
  const until = new Map<string, number>();
  for (const { kind, id, issuedUntil = Infinity } of entries) {
    const key = `${kind} ${id}`;
    until.set(key, Math.max(until.get(key) ?? -Infinity, issuedUntil));
  }
  const covers = (kind: Revocation['kind'], id: string | undefined, issuedAt: number): boolean =>
    id !== undefined && issuedAt <= (until.get(`${kind} ${id}`) ?? -Infinity);
  return ({ subject, signInId, tokenId, issuedAt }) =>
    until.size > 0 &&
    (covers('subject', subject, issuedAt) ||
      covers('sign_in', signInId, issuedAt) ||
      covers('token', tokenId, issuedAt));
}

/** HTTP Basic as RFC 6749 §2.3.1 encodes client credentials. */
export function basicCredentials(client: { readonly id: string; readonly secret: string }): string {
  const text = `${encodeURIComponent(client.id)}:${encodeURIComponent(client.secret)}`;
  return `Basic ${Buffer.from(text).toString('base64')}`;
}
