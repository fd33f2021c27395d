import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ChatMessage } from '../../src/demo-gateway/chat-types.ts';
import type { WantedCall } from '../../src/demo-gateway/job.ts';
import { createDemoGateway } from '../../src/demo-gateway/server.ts';
import { TOOL_NAMES, runTool } from './run-tools.ts';

export const GATEWAY_TOKEN = 'gateway-token-for-tests';

export interface RunningGateway {
  readonly endpoint: string;
  stop(): Promise<void>;
}

export async function startDemoGateway(): Promise<RunningGateway> {
  const server = createDemoGateway({ token: GATEWAY_TOKEN, delayMs: 0, now: () => 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

export interface Project {
  readonly root: string;
  read(path: string): string;
  remove(): void;
}

export function createProject(files: Record<string, string>): Project {
  const root = mkdtempSync(join(tmpdir(), 'steward-demo-'));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return {
    root,
    read: (path) => readFileSync(join(root, path), 'utf8'),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

export interface StreamedAnswer {
  readonly text: string;
  readonly calls: { id: string; name: string; arguments: string }[];
  readonly finishReason: string | undefined;
  readonly chunks: number;
  readonly usage: unknown;
}

export async function post(endpoint: string, body: unknown, token = GATEWAY_TOKEN): Promise<Response> {
  return fetch(`${endpoint}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

export function requestFor(messages: readonly ChatMessage[], extra: object = {}): object {
  const tools = TOOL_NAMES.map((name) => ({ type: 'function', function: { name, parameters: { type: 'object' } } }));
  return { model: 'steward-demo', messages, tools, ...extra };
}

export async function ask(
  endpoint: string,
  messages: readonly ChatMessage[],
  extra: object = {},
): Promise<StreamedAnswer> {
  const streaming = { stream: true, stream_options: { include_usage: true } };
  const response = await post(endpoint, requestFor(messages, { ...streaming, ...extra }));
  const events = (await response.text()).split('\n\n').filter((event) => event !== '');
  if (events.pop() !== 'data: [DONE]') throw new Error('The stream did not end with [DONE].');
  const answer = { text: '', calls: [] as StreamedAnswer['calls'], finishReason: undefined as string | undefined };
  let usage: unknown;
  for (const event of events) {
    const chunk = JSON.parse(event.slice('data: '.length));
    usage = chunk.usage ?? usage;
    const choice = chunk.choices[0];
    if (choice === undefined) continue;
    answer.text += choice.delta.content ?? '';
    answer.finishReason = choice.finish_reason ?? answer.finishReason;
    for (const part of choice.delta.tool_calls ?? []) {
      answer.calls[part.index] ??= { id: part.id, name: part.function.name, arguments: '' };
      (answer.calls[part.index] as { arguments: string }).arguments += part.function.arguments;
    }
  }
  return { ...answer, chunks: events.length, usage };
}

export interface Conversation {
  readonly messages: readonly ChatMessage[];
  readonly calls: readonly WantedCall[];
  readonly lastText: string;
}

/** Plays the agent loop: sends the thread, performs the tool calls for real, until the model only talks. */
export async function converse(
  endpoint: string,
  root: string,
  prompt: string | readonly ChatMessage[],
  perform: (call: WantedCall) => string = (call) => runTool(root, call),
): Promise<Conversation> {
  const messages: ChatMessage[] =
    typeof prompt === 'string'
      ? [
          { role: 'system', content: 'You work in a folder.' },
          { role: 'user', content: prompt },
        ]
      : [...prompt];
  const calls: WantedCall[] = [];
  for (let step = 0; step < 12; step += 1) {
    const answer = await ask(endpoint, messages);
    messages.push({
      role: 'assistant',
      content: answer.text,
      ...(answer.calls.length > 0
        ? {
            tool_calls: answer.calls.map((call) => ({
              id: call.id,
              type: 'function' as const,
              function: { name: call.name, arguments: call.arguments },
            })),
          }
        : {}),
    });
    if (answer.calls.length === 0) return { messages, calls, lastText: answer.text };
    for (const call of answer.calls) {
      const wanted = { name: call.name, arguments: JSON.parse(call.arguments) };
      calls.push(wanted);
      messages.push({ role: 'tool', tool_call_id: call.id, content: perform(wanted) });
    }
  }
  throw new Error('The demo model did not come to an end.');
}
