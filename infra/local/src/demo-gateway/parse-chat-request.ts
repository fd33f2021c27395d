import type { ChatMessage, ChatRequest } from './chat-types.ts';

const ROLES = new Set(['system', 'developer', 'user', 'assistant', 'tool']);

/** Checks the part of a request that the gateway relies on; returns the request or a sentence that names the problem. */
export function parseChatRequest(text: string): ChatRequest | { readonly problem: string } {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { problem: 'The body is not valid JSON.' };
  }
  if (!isRecord(body)) return { problem: 'The body must be a JSON object.' };
  if (typeof body['model'] !== 'string') return { problem: 'The field model must be a string.' };
  if (!Array.isArray(body['messages']) || body['messages'].length === 0) {
    return { problem: 'The field messages must be a non-empty list.' };
  }
  const bad = body['messages'].findIndex((message) => !isMessage(message));
  if (bad >= 0) return { problem: `messages[${bad}] is not a chat message.` };
  if (body['tools'] !== undefined && !(Array.isArray(body['tools']) && body['tools'].every(isTool))) {
    return { problem: 'The field tools must be a list of functions.' };
  }
  return body as unknown as ChatRequest;
}

function isMessage(value: unknown): value is ChatMessage {
  if (!isRecord(value) || !ROLES.has(String(value['role']))) return false;
  const { content, tool_calls: calls } = value;
  const contentFits =
    content === undefined ||
    content === null ||
    typeof content === 'string' ||
    (Array.isArray(content) && content.every(isRecord));
  return contentFits && (calls === undefined || (Array.isArray(calls) && calls.every(isToolCall)));
}

function isToolCall(value: unknown): boolean {
  if (!isRecord(value) || typeof value['id'] !== 'string') return false;
  const named = value['function'];
  return isRecord(named) && typeof named['name'] === 'string' && typeof named['arguments'] === 'string';
}

function isTool(value: unknown): boolean {
  return isRecord(value) && isRecord(value['function']) && typeof value['function']['name'] === 'string';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
