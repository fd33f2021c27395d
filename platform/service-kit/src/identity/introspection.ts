import { createHash } from 'node:crypto';
import { systemClock } from '@steward/sdk';
import type { Clock } from '@steward/sdk';
import { BoundedMap } from './bounded-map.ts';
import { ProviderUnavailableError, endpointOf, fetchProviderMetadata, once } from './provider-metadata.ts';
import { basicCredentials } from './revocation-list.ts';
import { identityUnavailable, maxAnswerAgeMs, revoked } from './revocation.ts';
import type { RevocationCheck } from './revocation.ts';

/** Whom to ask, and as whom. */
export interface IntrospectionOptions {
  readonly issuer: string;
  /** The provider's `introspection_endpoint` unless given. */
  readonly url?: string;
  readonly client: { readonly id: string; readonly secret: string };
  readonly clock?: Clock;
  readonly fetch?: typeof globalThis.fetch;
}

/** How long an answer is believed. */
const answerMs = 30_000;
const timeoutMs = 5000;

interface Answer {
  readonly active: boolean;
  readonly atMs: number;
}

/**
 * Asks the identity provider about each token (RFC 7662), once in 30 s and once at a time. A token that is not active
 * stays refused. While the provider does not answer, the last answer counts for a minute; after that, and for tokens
 * it was never asked about, every token is refused with SERVICE_UNAVAILABLE.
 */
export function createIntrospection(options: IntrospectionOptions): RevocationCheck {
  const clock = options.clock ?? systemClock;
  const answers = new BoundedMap<Answer>(20_000);
  const asking = new Map<string, Promise<void>>();
  const endpoint = once(async () =>
    options.url === undefined
      ? endpointOf(await fetchProviderMetadata(options.issuer, options.fetch), 'introspection_endpoint')
      : new URL(options.url),
  );
  const ask = (key: string, text: string): Promise<void> => {
    const running = asking.get(key);
    if (running !== undefined) return running;
    const atMs = clock.monotonicMs();
    const question = endpoint()
      .then((url) => introspect(url, text, options))
      .then((active) => answers.set(key, { active, atMs }))
      .finally(() => asking.delete(key));
    asking.set(key, question);
    return question;
  };
  return async (_token, text) => {
    const key = createHash('sha256').update(text).digest('base64');
    const known = answers.get(key);
    const ageMs = known === undefined ? Infinity : clock.monotonicMs() - known.atMs;
    if (known?.active === false) throw revoked();
    if (ageMs < answerMs) return;
    try {
      await ask(key, text);
    } catch (cause) {
      if (ageMs > maxAnswerAgeMs)
        throw identityUnavailable('The identity provider does not say whether the token is still good', cause);
    }
    if (answers.get(key)?.active === false) throw revoked();
  };
}

async function introspect(url: URL, token: string, options: IntrospectionOptions): Promise<boolean> {
  const response = await (options.fetch ?? globalThis.fetch)(url, {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
    headers: {
      authorization: basicCredentials(options.client),
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(),
  });
  if (!response.ok) throw new ProviderUnavailableError(`${url.href} answered ${response.status}.`);
  const { active } = (await response.json()) as { active?: unknown };
  if (typeof active !== 'boolean') throw new ProviderUnavailableError(`${url.href} answered no introspection.`);
  return active;
}
