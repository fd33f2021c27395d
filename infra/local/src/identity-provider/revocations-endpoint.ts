import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { revocationsOf } from './account-rules.ts';
import type { LiveAccountRules } from './account-rules.ts';
import type { EndedSignIns } from './ended-sign-ins.ts';

/** What {@link createRevocationsEndpoint} needs. */
export interface RevocationsDeps {
  readonly rules: LiveAccountRules;
  readonly ended: EndedSignIns;
  /** Client id → secret of the clients that may read the list. */
  readonly clientSecrets: Readonly<Record<string, string>>;
}

/** Answers `GET /revocations`: what is no longer good, for services with their own credentials (HTTP Basic). */
export function createRevocationsEndpoint(
  deps: RevocationsDeps,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const allowed = Object.entries(deps.clientSecrets).map(([id, secret]) => digest(credentialsOf(id, secret)));
  return async (request, response) => {
    const given = digest(request.headers.authorization ?? '');
    // Every entry is compared, so that time tells nothing about the client.
    const isAllowed = allowed.map((known) => timingSafeEqual(known, given)).includes(true);
    if (request.method !== 'GET' || !isAllowed) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="revocations"', 'cache-control': 'no-store' });
      response.end();
      return;
    }
    const revoked = [...revocationsOf(await deps.rules.current()), ...deps.ended.list()];
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify({ revoked }));
  };
}

function credentialsOf(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
