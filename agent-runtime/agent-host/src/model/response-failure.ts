import type { IncomingHttpHeaders } from 'node:http';
import { ModelError } from './model-error.ts';

/** What an unsuccessful response of the gateway means. Pure. */
export function failureOf(status: number, headers: IncomingHttpHeaders, body: string): ModelError {
  const reason = reasonIn(body);
  if (status === 400 || status === 413 || status === 422)
    return new ModelError('blocked', `The model gateway refused this request: ${reason}`, { status });
  if (status === 401 || status === 403)
    return new ModelError('refused', `The model gateway does not accept this machine's token (${status}): ${reason}`, {
      status,
    });
  if (status === 404)
    return new ModelError('refused', `The model gateway knows neither this address nor this model (404): ${reason}`, {
      status,
    });
  const retryAfterMs = retryAfterOf(headers);
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status === 429)
    return new ModelError('try_again', `The model gateway is asked too often: ${reason}`, { status, ...wait });
  return new ModelError('try_again', `The model gateway answered with status ${status}: ${reason}`, {
    status,
    ...wait,
  });
}

/** `Retry-After` in milliseconds, as seconds or as a date; at most five minutes. */
export function retryAfterOf(headers: IncomingHttpHeaders, now: number = Date.now()): number | undefined {
  const precise = Number(headers['retry-after-ms']);
  if (headers['retry-after-ms'] !== undefined && precise >= 0) return Math.min(precise, 300_000);
  const value = headers['retry-after'];
  if (value === undefined) return undefined;
  const ms = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), 300_000) : undefined;
}

function reasonIn(body: string): string {
  try {
    const { error } = JSON.parse(body) as { error?: { message?: unknown } | string };
    const message = typeof error === 'string' ? error : error?.message;
    if (typeof message === 'string' && message !== '') return message.slice(0, 500);
  } catch {
    // Not JSON: a proxy's page says nothing that helps a person.
  }
  return 'no reason given';
}
