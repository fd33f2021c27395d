import type { ModelAnswer } from '../ports.ts';
import { ModelError } from './model-error.ts';

interface Delta {
  readonly content?: unknown;
  readonly tool_calls?: unknown;
}

interface CallDraft {
  id: string;
  name: string;
  argumentsText: string;
}

const maxAnswerChars = 16 * 1024 * 1024;
const maxCalls = 128;

/** Puts a streamed answer together from its chunks. Throws ModelError when a chunk is not one. */
export class AnswerBuilder {
  readonly #onText: (text: string) => void;
  #text = '';
  #chars = 0;
  #calls = new Map<number, CallDraft>();
  #finishReason: string | undefined;
  #usage: ModelAnswer['usage'];
  #done = false;

  constructor(onText: (text: string) => void) {
    this.#onText = onText;
  }

  /** Takes the data of one server-sent event. */
  take(data: string): void {
    if (data === '[DONE]') {
      this.#done = true;
      return;
    }
    const chunk = parse(data);
    if (chunk['error'] !== undefined && chunk['error'] !== null) throw errorInStream(chunk['error']);
    const usage = chunk['usage'] as Record<string, unknown> | null | undefined;
    if (typeof usage?.['prompt_tokens'] === 'number') {
      this.#usage = { inputTokens: usage['prompt_tokens'], outputTokens: Number(usage['completion_tokens'] ?? 0) };
    }
    const choice = Array.isArray(chunk['choices'])
      ? (chunk['choices'][0] as Record<string, unknown> | undefined)
      : undefined;
    if (choice === undefined) return;
    this.#takeDelta((choice['delta'] ?? {}) as Delta);
    if (typeof choice['finish_reason'] === 'string') this.#finishReason = choice['finish_reason'];
  }

  /** The whole answer. Throws ModelError when the stream ended before the answer did. */
  finish(): ModelAnswer {
    if (this.#finishReason === undefined && !(this.#done && (this.#text !== '' || this.#calls.size > 0))) {
      throw new ModelError('try_again', 'The model gateway closed the stream in the middle of the answer.');
    }
    const toolCalls = [...this.#calls.entries()].sort(([a], [b]) => a - b).map(([, call]) => call);
    if (toolCalls.some((call) => call.name === ''))
      throw new ModelError('try_again', 'The model gateway sent a tool call without a name.');
    return {
      text: this.#text,
      toolCalls,
      finishReason: this.#finishReason ?? (toolCalls.length > 0 ? 'tool_calls' : 'stop'),
      ...(this.#usage === undefined ? {} : { usage: this.#usage }),
    };
  }

  #takeDelta(delta: Delta): void {
    if (typeof delta.content === 'string' && delta.content !== '') {
      this.#grow(delta.content.length);
      this.#text += delta.content;
      this.#onText(delta.content);
    }
    if (!Array.isArray(delta.tool_calls)) return;
    for (const [position, piece] of (delta.tool_calls as Record<string, unknown>[]).entries()) {
      const index = typeof piece['index'] === 'number' ? piece['index'] : position;
      const named = (piece['function'] ?? {}) as { name?: unknown; arguments?: unknown };
      let call = this.#calls.get(index);
      if (call === undefined) {
        if (this.#calls.size >= maxCalls)
          throw new ModelError('try_again', `The model asked for more than ${maxCalls} tool calls at once.`);
        call = { id: '', name: '', argumentsText: '' };
        this.#calls.set(index, call);
      }
      if (typeof piece['id'] === 'string' && call.id === '') call.id = piece['id'];
      if (typeof named.name === 'string' && call.name === '') call.name = named.name;
      if (typeof named.arguments === 'string') {
        this.#grow(named.arguments.length);
        call.argumentsText += named.arguments;
      }
    }
  }

  #grow(chars: number): void {
    this.#chars += chars;
    if (this.#chars > maxAnswerChars)
      throw new ModelError('try_again', 'The model gateway sent an answer larger than 16 MiB.');
  }
}

function parse(data: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(data);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (cause) {
    throw new ModelError('try_again', 'The model gateway sent something that is not JSON.', { cause });
  }
  throw new ModelError('try_again', 'The model gateway sent something that is not an answer.');
}

function errorInStream(error: unknown): ModelError {
  const { message, code, type } = (typeof error === 'object' ? error : {}) as Record<string, unknown>;
  const words = `${String(code ?? '')} ${String(type ?? '')}`;
  const text = typeof message === 'string' ? message.slice(0, 500) : 'no reason given';
  if (/guardrail|content_filter|content_policy|moderation/i.test(words))
    return new ModelError('blocked', `The model gateway stopped the answer: ${text}`);
  return new ModelError('try_again', `The model gateway broke off: ${text}`);
}
