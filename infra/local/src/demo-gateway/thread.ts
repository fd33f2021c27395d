import type { ChatMessage } from './chat-types.ts';
import type { DoneCall } from './job.ts';
import { isFailure } from './tool-results.ts';

/** What a thread says about the job at hand. */
export interface Progress {
  /** The prompt that the job serves. */
  readonly prompt: string;
  /** Finished tool calls since that prompt, in order. */
  readonly done: readonly DoneCall[];
  /** Text that the assistant already said last, when its answer was cut off. */
  readonly saidSoFar: string;
}

const GO_ON = /^(?:please\s+)?(?:continue|go on|resume|carry on|retry|try again)(?:,?\s+please)?[.!]?$/i;
/** Stands in the thread where the client dropped messages. */
const LEFT_OUT = /^\[\d+ earlier messages? (?:was|were) left out\b/;
const PROVENANCE = /^\[untrusted (?:secret )?content from [^\]\n]*\]\r?\n|\n\[[0-9a-f]{16}\]$/gi;

/**
 * Reads the job's progress out of a thread. "Continue" and the like stand for the prompt before them; what failed before
 * such a word counts as not done, so that it is tried again.
 */
export function readProgress(messages: readonly ChatMessage[]): Progress {
  const start = promptIndex(messages);
  const since = messages.slice(start + 1);
  const results = new Map<string, string>();
  for (const message of since) {
    if (message.role === 'tool' && message.tool_call_id !== undefined) {
      results.set(message.tool_call_id, textOf(message).replace(PROVENANCE, ''));
    }
  }
  const retryFrom = since.findLastIndex((message) => message.role === 'user' && !LEFT_OUT.test(textOf(message)));
  const done: DoneCall[] = [];
  const calls = since.flatMap((message, index) => (message.tool_calls ?? []).map((call) => ({ call, index })));
  for (const { call, index } of calls) {
    const result = results.get(call.id);
    if (result === undefined || (index < retryFrom && isFailure(result))) continue;
    done.push({ name: call.function.name, arguments: parseArguments(call.function.arguments), result });
  }
  const prompt = start < 0 ? '' : withoutFileMarks(textOf(messages[start] as ChatMessage).trim());
  return { prompt, done, saidSoFar: trailingText(since) };
}

/** The plain text of a message. */
function textOf(message: ChatMessage): string {
  const { content } = message;
  if (content === undefined || content === null) return '';
  if (typeof content === 'string') return content;
  return content.map((part) => part.text ?? '').join('');
}

function promptIndex(messages: readonly ChatMessage[]): number {
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const message = messages[index];
    if (message?.role !== 'user') continue;
    const text = textOf(message).trim();
    if (!GO_ON.test(text) && !LEFT_OUT.test(text)) return index;
  }
  return messages.findIndex((message) => message.role === 'user');
}

function trailingText(messages: readonly ChatMessage[]): string {
  const lastTool = messages.findLastIndex((message) => message.role !== 'assistant');
  return messages
    .slice(lastTool + 1)
    .filter((message) => message.role === 'assistant' && (message.tool_calls ?? []).length === 0)
    .map(textOf)
    .join('');
}

function parseArguments(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** The composer writes `@src/a.ts` for a file that the person named. */
function withoutFileMarks(prompt: string): string {
  return prompt.replace(/(^|[\s(])@(?=[\w./-])/g, '$1');
}
