import type { ConversationMessage } from '@steward/contracts';
import { inEnvelope } from './provenance.ts';
import { toWireName } from './wire-tools.ts';

/** Looks up the id that the model gave to a tool call. */
export type ModelCallIds = (toolCallId: string) => string;

/** A message as the chat-completions protocol spells it, as JSON text. Redacted; pure otherwise. */
export function toWireMessage(
  message: ConversationMessage,
  modelCallId: ModelCallIds,
  redact: (text: string) => string,
): string {
  const { role, content } = message;
  if (role === 'tool') {
    // What a tool returned was redacted before it entered the thread; what an error names was not.
    const text = inEnvelope(message);
    return JSON.stringify({
      role,
      tool_call_id: modelCallId(message.toolCallId ?? ''),
      content: message.toolResult?.error === undefined ? text : redact(text),
    });
  }
  if (role !== 'assistant' || message.toolCalls === undefined || message.toolCalls.length === 0) {
    return JSON.stringify({ role, content: redact(content) });
  }
  const calls = message.toolCalls.map((call) => ({
    id: modelCallId(call.toolCallId),
    type: 'function',
    function: {
      name: toWireName(call.toolName),
      arguments: redact(call.invalidArguments ?? JSON.stringify(call.arguments)),
    },
  }));
  return JSON.stringify({ role, content: content === '' ? null : redact(content), tool_calls: calls });
}
