import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';

/** How a process shows that it answers. */
export interface HealthCheck {
  readonly url: string;
  /** PEM of the authority to trust for `https:`. */
  readonly ca?: string;
  /** Count any HTTP answer as healthy, for engines without a health page. */
  readonly anyStatus?: boolean;
}

const ATTEMPT_TIMEOUT_MS = 2000;
const PAUSE_MS = 20;

/** Resolves once the check succeeds; rejects when `signal` aborts first. */
export async function waitUntilHealthy(check: HealthCheck, signal: AbortSignal): Promise<void> {
  while (!(await isHealthy(check))) await wait(PAUSE_MS, undefined, { signal });
  signal.throwIfAborted();
}

/** One attempt; never throws. */
export function isHealthy(check: HealthCheck): Promise<boolean> {
  return new Promise((resolve) => {
    const open = check.url.startsWith('https:') ? httpsRequest : httpRequest;
    const options = { timeout: ATTEMPT_TIMEOUT_MS, agent: false, ...(check.ca === undefined ? {} : { ca: check.ca }) };
    const request = open(check.url, options, (response) => {
      response.resume();
      const status = response.statusCode ?? 500;
      resolve(check.anyStatus === true || (status >= 200 && status < 300));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
    request.end();
  });
}
