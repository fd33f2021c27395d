import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { ChatRequest } from './chat-types.ts';
import { complete, toChatCompletion, toChunks } from './completion.ts';
import { DEMO_MODEL_ID } from './model.ts';
import { parseChatRequest } from './parse-chat-request.ts';

/** What {@link createDemoGateway} needs. */
export interface DemoGatewayDeps {
  /** Bearer token that every request must carry. */
  readonly token: string;
  /** Pause between two streamed chunks, in milliseconds; 0 streams at once. */
  readonly delayMs: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Builds the OpenAI-compatible gateway in front of the demo model; the caller listens. */
export function createDemoGateway(deps: DemoGatewayDeps): Server {
  return createServer((request, response) => {
    answer(deps, request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else sendError(response, 500, 'The gateway failed.', 'internal_error');
    });
  });
}

async function answer(deps: DemoGatewayDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://gateway').pathname;
  if (path === '/healthz') {
    sendJson(response, 200, { status: 'ok' });
    return;
  }
  if (!carriesToken(request, deps.token)) {
    sendError(response, 401, 'The bearer token is missing or wrong.', 'invalid_api_key');
    return;
  }
  if (path === '/v1/models' && request.method === 'GET') {
    const model = { id: DEMO_MODEL_ID, object: 'model', created: 0, owned_by: 'steward' };
    sendJson(response, 200, { object: 'list', data: [model] });
    return;
  }
  if (path !== '/v1/chat/completions') {
    sendError(response, 404, `There is nothing at ${path}.`, 'not_found');
    return;
  }
  if (request.method !== 'POST') {
    response.setHeader('allow', 'POST');
    sendError(response, 405, 'Chat completions take POST.', 'method_not_allowed');
    return;
  }
  await completeChat(deps, request, response);
}

async function completeChat(deps: DemoGatewayDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const text = await readBody(request);
  if (text === undefined) {
    response.setHeader('connection', 'close');
    sendError(response, 413, `The body is larger than ${MAX_BODY_BYTES} bytes.`, 'request_too_large');
    return;
  }
  const parsed = parseChatRequest(text);
  if ('problem' in parsed) {
    sendError(response, 400, parsed.problem, 'invalid_request_error');
    return;
  }
  if (parsed.model !== DEMO_MODEL_ID) {
    sendError(response, 404, `The model ${parsed.model} does not exist here; use ${DEMO_MODEL_ID}.`, 'model_not_found');
    return;
  }
  const created = Math.floor(deps.now() / 1000);
  if (parsed.stream === true) await stream(deps, parsed, created, response);
  else sendJson(response, 200, toChatCompletion(complete(parsed), created));
}

async function stream(
  deps: DemoGatewayDeps,
  request: ChatRequest,
  created: number,
  response: ServerResponse,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
  for (const chunk of toChunks(complete(request), created, request.stream_options?.include_usage === true)) {
    if (response.destroyed) return;
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    if (deps.delayMs > 0) await wait(deps.delayMs);
  }
  response.end('data: [DONE]\n\n');
}

function carriesToken(request: IncomingMessage, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(request.headers.authorization ?? ''), digest(`Bearer ${token}`));
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function sendError(response: ServerResponse, status: number, message: string, code: string): void {
  sendJson(response, status, { error: { message, type: code, code } });
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
