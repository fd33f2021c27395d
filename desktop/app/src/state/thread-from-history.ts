import type { ConversationMessage } from '@steward/contracts';
import { newTool } from './new-tool.ts';
import type { ThreadItem, ToolItem } from './thread.ts';

/** Items for a saved thread: prompts, answers and tool cards, in the order of its messages. System messages are left out. */
export function itemsFromMessages(messages: readonly ConversationMessage[]): readonly ThreadItem[] {
  const items: ThreadItem[] = [];
  const tools = new Map<string, number>();
  for (const message of messages) {
    const taskId = message.taskId ?? null;
    if (message.role === 'user')
      items.push({ kind: 'user', id: message.messageId, content: message.content, at: message.timestamp, taskId });
    if (message.role === 'assistant') {
      if (message.content.trim() !== '')
        items.push({
          kind: 'assistant',
          id: message.messageId,
          content: message.content,
          at: message.timestamp,
          stepId: message.stepId ?? null,
          partial: false,
        });
      for (const call of message.toolCalls ?? []) {
        tools.set(call.toolCallId, items.length);
        items.push({ ...newTool(call.toolCallId, call.toolName, 'stopped', message), args: call.arguments });
      }
    }
    if (message.role === 'tool' && message.toolCallId !== undefined) {
      const index = tools.get(message.toolCallId);
      const known = index === undefined ? undefined : items[index];
      const base =
        known?.kind === 'tool'
          ? known
          : newTool(message.toolCallId, message.toolResult?.toolName ?? '', 'stopped', message);
      if (index === undefined) items.push(withResult(base, message));
      else items[index] = withResult(base, message);
    }
  }
  return items;
}

function withResult(tool: ToolItem, message: ConversationMessage): ToolItem {
  const result = message.toolResult;
  return {
    ...tool,
    phase: result?.status ?? 'succeeded',
    output: message.content,
    durationMs: result?.durationMs ?? null,
    artifactUris: result?.artifactUris ?? [],
    error: result?.error ?? null,
    decision: result?.decision ?? null,
    provenance: message.provenance ?? null,
  };
}
