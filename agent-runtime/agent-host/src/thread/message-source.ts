import type { ConversationMessage } from '@steward/contracts';

/** Every message of a conversation, in order; an array is one, and so is a journal that is read page by page. */
export interface MessageSource {
  readonly length: number;
  slice(from: number, to: number): readonly ConversationMessage[];
}

const page = 64;

/**
 * Messages from before a number back to the first that begins a block and fills `capacityTokens` with those behind it,
 * or to the beginning; in their order. Reads page by page. Pure but for the source.
 */
export function newestMessages(
  source: MessageSource,
  length: number,
  capacityTokens: number,
): readonly ConversationMessage[] {
  const pages: (readonly ConversationMessage[])[] = [];
  let tokens = 0;
  let oldest: ConversationMessage | undefined;
  const isEnough = (): boolean => tokens > capacityTokens && oldest?.role !== 'tool';
  for (let first = length; first > 0 && !isEnough();) {
    const from = Math.max(0, first - page);
    const messages = source.slice(from, first);
    let start = messages.length;
    while (start > 0 && !isEnough()) {
      start -= 1;
      oldest = messages[start]!;
      tokens += leastTokens(oldest);
    }
    pages.push(messages.slice(start));
    first = from;
  }
  return pages.reverse().flat();
}

/** The last message with an id among the first `before`; undefined when there is none. Reads page by page, backwards. */
export function findBackwards(
  source: MessageSource,
  before: number,
  messageId: string,
): { readonly index: number; readonly message: ConversationMessage } | undefined {
  for (let end = before; end > 0;) {
    const from = Math.max(0, end - page);
    const messages = source.slice(from, end);
    const at = messages.findLastIndex((message) => message.messageId === messageId);
    if (at >= 0) return { index: from + at, message: messages[at]! };
    end = from;
  }
  return undefined;
}

/** Not more than the message takes in a request, whatever surrounds it there. */
function leastTokens({ content, toolCalls = [] }: ConversationMessage): number {
  return toolCalls.reduce((sum, call) => sum + JSON.stringify(call.arguments).length, content.length) / 4;
}
