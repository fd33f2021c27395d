/** What the identity provider could not be asked; the message names the address and is for the log. */
export class ProviderUnavailableError extends Error {
  override readonly name = 'ProviderUnavailableError';
}

/** The provider's published description (OpenID Connect Discovery), as far as it was asked for. */
export type ProviderMetadata = Readonly<Record<string, unknown>>;

const timeoutMs = 5000;

/**
 * Fetches the description of an issuer; throws ProviderUnavailableError when it does not answer, or describes another
 * issuer.
 */
export async function fetchProviderMetadata(
  issuer: string,
  fetchImpl: typeof globalThis.fetch = globalThis.fetch,
): Promise<ProviderMetadata> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetchImpl(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) throw new ProviderUnavailableError(`${url} answered ${response.status}.`);
  const metadata = (await response.json()) as Record<string, unknown>;
  if (metadata['issuer'] !== issuer)
    throw new ProviderUnavailableError(`${url} does not describe the issuer ${issuer}.`);
  return metadata;
}

/** The address in a field of the description; throws ProviderUnavailableError when it is absent. */
export function endpointOf(metadata: ProviderMetadata, field: string): URL {
  const value = metadata[field];
  if (typeof value !== 'string' || !URL.canParse(value))
    throw new ProviderUnavailableError(`The identity provider publishes no ${field}.`);
  return new URL(value);
}

/** A value that is fetched once and again only after a failure. */
export function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () =>
    (loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    }));
}
