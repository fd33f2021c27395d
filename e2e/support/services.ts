import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import type { Stack } from './stack.ts';

/** An answer of a service. */
export interface ServiceAnswer {
  readonly status: number;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown;
}

/** Calls a service of the stack over HTTPS, trusting the stack's own authority only. */
export function serviceFetch(
  stack: Stack,
  url: string,
  options: { method?: string; token?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<ServiceAnswer> {
  const body = options.body === undefined ? undefined : JSON.stringify(options.body);
  const headers = {
    ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...options.headers,
  };
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      { method: options.method ?? 'GET', headers, ca: readFileSync(stack.ready.caFile), agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text, json: parse(text) }));
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

/** What the Policy Service answers to the stack's admin: the status alone. */
export async function asPolicyAdmin(stack: Stack, method: string, path: string, body: object): Promise<number> {
  const token = await stack.token('carol');
  const { status } = await serviceFetch(stack, `${stack.ready.services.policy}${path}`, { method, body, token });
  return status;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
