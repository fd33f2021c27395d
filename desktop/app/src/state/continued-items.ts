import type { ConversationMessage } from '@steward/contracts';
import { itemsFromMessages } from './thread-from-history.ts';
import type { NoticeItem, ThreadItem } from './thread.ts';

/** What is known of the conversation that another one continues. */
export interface ContinuedFrom {
  /** Its messages; null until they are there. */
  readonly messages: readonly ConversationMessage[] | null;
  /** It could not be loaded. */
  readonly failed: boolean;
  /** The last message that was taken over; all were when it is absent. */
  readonly at?: string | undefined;
  /** When the new conversation began, ISO 8601. */
  readonly startedAt: string;
}

const none: readonly ThreadItem[] = [];

/**
 * What a continued conversation shows before its own first message: the thread it began with, ended by a line that says
 * so, or a line that says that it can not be shown. Empty while it is being loaded.
 */
export function continuedItems({ messages, failed, at, startedAt }: ContinuedFrom): readonly ThreadItem[] {
  if (messages !== null)
    return [
      ...itemsFromMessages(messages.slice(0, lastTaken(messages, at))),
      line('info', { type: 'continued' }, startedAt),
    ];
  return failed ? [line('warning', { type: 'continued_failed' }, startedAt)] : none;
}

function line(tone: NoticeItem['tone'], notice: NoticeItem['notice'], at: string): NoticeItem {
  return { kind: 'notice', id: notice.type, tone, notice, at };
}

function lastTaken(messages: readonly ConversationMessage[], messageId: string | undefined): number {
  if (messageId === undefined) return messages.length;
  return messages.findIndex((message) => message.messageId === messageId) + 1;
}
