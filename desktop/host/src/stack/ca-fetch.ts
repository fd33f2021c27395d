import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { rootCertificates } from 'node:tls';

/** Statuses that forbid a body (Fetch standard, null body status). */
const bodiless = new Set([101, 103, 204, 205, 304]);

/**
 * A fetch that trusts the given PEM certificates besides the well-known ones. Redirects are never followed: our
 * services send none. Needed because Node's own fetch takes extra certificates from the environment only, and
 * Electron not even from there.
 */
export function createFetchTrusting(caPem: string | undefined): typeof globalThis.fetch {
  if (caPem === undefined) return globalThis.fetch;
  const agent = new Agent({ keepAlive: true, ca: [...rootCertificates, caPem] });
  return async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const body = request.body === null ? undefined : Buffer.from(await request.arrayBuffer());
    const headers: Record<string, string> = Object.fromEntries(request.headers);
    if (body !== undefined) headers['content-length'] = String(body.length);
    const options = { method: request.method, headers, signal: request.signal };
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = url.protocol === 'https:' ? httpsRequest(url, { ...options, agent }) : httpRequest(url, options);
      sent.once('response', resolve).once('error', reject).end(body);
    });
    return toResponse(answer);
  };
}

function toResponse(answer: IncomingMessage): Response {
  const headers = new Headers();
  for (const [name, value] of Object.entries(answer.headers)) {
    for (const one of Array.isArray(value) ? value : [value ?? '']) headers.append(name, one);
  }
  const status = answer.statusCode ?? 502;
  const empty = bodiless.has(status);
  if (empty) answer.resume();
  const body = empty ? null : (Readable.toWeb(answer) as ReadableStream<Uint8Array>);
  return new Response(body, { status, statusText: answer.statusMessage ?? '', headers });
}
