import createClient from 'openapi-fetch';
import type { Client } from 'openapi-fetch';
import { createServiceFetch } from './service-fetch.ts';
import type { ServiceCallOptions } from './service-fetch.ts';

/** A typed client of one service. */
export type ServiceClient<Paths extends object> = Client<Paths, `${string}/${string}`>;

/**
 * A client whose calls are typed by the service's OpenAPI document. Failures throw StewardError, so `data` of a call
 * that returns is there whenever the operation documents a body.
 * @param baseUrl with the version, such as `https://127.0.0.1:7001/v1`
 * @example const { data } = await createServiceClient<SessionPaths>(url, { getToken }).GET('/sessions/{sessionId}', { params: { path: { sessionId } } });
 */
export function createServiceClient<Paths extends object>(
  baseUrl: string,
  options: ServiceCallOptions = {},
): ServiceClient<Paths> {
  return createClient<Paths>({
    baseUrl,
    fetch: createServiceFetch(options),
    redirect: 'error',
  }) as ServiceClient<Paths>;
}
