import { createHash } from 'node:crypto';
import type { ChatRequest, ChatToolCall, FinishReason, Usage } from './chat-types.ts';
import { DEMO_MODEL_ID, nextTurn } from './model.ts';
import { cutToLimit, usageOf } from './usage.ts';

/** One finished answer, before it is put on the wire. */
export interface Completion {
  readonly id: string;
  readonly text: string;
  readonly toolCalls: readonly ChatToolCall[];
  readonly finishReason: FinishReason;
  readonly usage: Usage;
}

/** Computes the answer to a request; the same request always yields the same answer, ids included. */
export function complete(request: ChatRequest): Completion {
  const tools = new Set((request.tools ?? []).map((tool) => tool.function.name));
  const limit = request.max_completion_tokens ?? request.max_tokens;
  const { turn, cut } = cutToLimit(nextTurn(request.messages, tools), limit);
  const id = digest(request.messages);
  const toolCalls = turn.calls.map((call, index): ChatToolCall => ({
    id: `call_${id}_${index}`,
    type: 'function',
    function: { name: call.name, arguments: JSON.stringify(call.arguments) },
  }));
  return {
    id: `chatcmpl-${id}`,
    text: turn.text,
    toolCalls,
    finishReason: cut ? 'length' : toolCalls.length > 0 ? 'tool_calls' : 'stop',
    usage: usageOf(request.messages, request.tools, turn),
  };
}

/** The answer as one `chat.completion` object. */
export function toChatCompletion(completion: Completion, created: number): unknown {
  const { id, text, toolCalls, finishReason, usage } = completion;
  const message = {
    role: 'assistant',
    content: text === '' ? null : text,
    ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
  };
  const choices = [{ index: 0, message, finish_reason: finishReason }];
  return { id, object: 'chat.completion', created, model: DEMO_MODEL_ID, choices, usage };
}

/** The answer as the sequence of `chat.completion.chunk` objects, small pieces in the order a model would send them. */
export function* toChunks(completion: Completion, created: number, includeUsage: boolean): Generator<unknown> {
  const chunk = (choices: readonly unknown[], usage?: Usage): unknown => ({
    id: completion.id,
    object: 'chat.completion.chunk',
    created,
    model: DEMO_MODEL_ID,
    choices,
    ...(includeUsage ? { usage: usage ?? null } : {}),
  });
  const delta = (content: unknown, finishReason: FinishReason | null = null): unknown =>
    chunk([{ index: 0, delta: content, finish_reason: finishReason }]);

  yield delta({ role: 'assistant', content: '' });
  for (const piece of inWords(completion.text)) yield delta({ content: piece });
  for (const [index, call] of completion.toolCalls.entries()) {
    const { name, arguments: text } = call.function;
    yield delta({ tool_calls: [{ index, id: call.id, type: call.type, function: { name, arguments: '' } }] });
    for (const piece of inPieces(text, text.length > 2000 ? 400 : 40)) {
      yield delta({ tool_calls: [{ index, function: { arguments: piece } }] });
    }
  }
  yield delta({}, completion.finishReason);
  if (includeUsage) yield chunk([], completion.usage);
}

function inWords(text: string): string[] {
  return text.match(/\S*\s*(?:\S+\s*)?/g)?.filter((piece) => piece !== '') ?? [];
}

function* inPieces(text: string, size: number): Generator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
