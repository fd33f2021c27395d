import type { ChatMessage, Usage } from './chat-types.ts';
import type { AssistantTurn } from './job.ts';

const CHARACTERS_PER_TOKEN = 4;

/** A deterministic token estimate for a text: about four characters each. */
function countTokens(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}

/** The usage of one completion. */
export function usageOf(messages: readonly ChatMessage[], tools: unknown, turn: AssistantTurn): Usage {
  const prompt = countTokens(JSON.stringify(messages)) + countTokens(JSON.stringify(tools ?? ''));
  const calls = turn.calls.map((call) => call.name + JSON.stringify(call.arguments)).join('');
  const completion = countTokens(turn.text) + countTokens(calls);
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}

/** Cuts a turn to a token limit, as a real model's `length` stop would: text first, tool calls only when they fit whole. */
export function cutToLimit(turn: AssistantTurn, limit: number | undefined): { turn: AssistantTurn; cut: boolean } {
  if (limit === undefined || usageOf([], undefined, turn).completion_tokens <= limit) {
    return { turn, cut: false };
  }
  return { turn: { text: turn.text.slice(0, limit * CHARACTERS_PER_TOKEN), calls: [] }, cut: true };
}
