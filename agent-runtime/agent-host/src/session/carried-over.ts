import type { ConversationMessage, CreateSessionParams } from '@steward/contracts';
import type { Backend } from '../ports.ts';

/** What a new conversation begins with, and what a person has to know about it. */
export interface CarriedOver {
  readonly messages: readonly ConversationMessage[];
  readonly warnings: string[];
}

/**
 * The messages of the saved conversation that a new one continues, up to the one where it goes on; none, with a warning,
 * where they are not saved. Rejects as `fetchHistory` does.
 */
export async function carriedOver(
  backend: Pick<Backend, 'fetchHistory'>,
  workspaceId: string,
  { continueFromSessionId, continueAtMessageId }: CreateSessionParams,
): Promise<CarriedOver> {
  if (continueFromSessionId === undefined) return { messages: [], warnings: [] };
  const history = await backend.fetchHistory(workspaceId, continueFromSessionId);
  if (history === undefined)
    return { messages: [], warnings: ['The earlier conversation has no saved history, so this one starts empty.'] };
  if (continueAtMessageId === undefined) return { messages: history.messages, warnings: [] };
  const last = history.messages.findIndex(({ messageId }) => messageId === continueAtMessageId);
  if (last >= 0) return { messages: history.messages.slice(0, last + 1), warnings: [] };
  return {
    messages: [],
    warnings: ['The step to go on from is not in the saved history, so this conversation starts empty.'],
  };
}
