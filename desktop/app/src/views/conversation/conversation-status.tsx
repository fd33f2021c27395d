import type { Conversation } from '@steward/desktop-host/contract';
import type { ReactNode } from 'react';
import { text } from '../../text/catalogue.ts';

/** A conversation's state in one word, and the shape and colour of its dot. */
export interface ConversationStatus {
  readonly label: string;
  readonly dot: 'ok' | 'warn' | 'danger' | 'busy' | '';
}

const idleTask = new Set(['IDLE', 'TASK_COMPLETED', 'TASK_FAILED', 'TASK_CANCELLED']);

/** Whether the conversation's task is still at work. */
export function isWorking(conversation: Conversation): boolean {
  return (
    conversation.task !== null &&
    !idleTask.has(conversation.task.status) &&
    conversation.runtime === 'running' &&
    conversation.pause === null
  );
}

/** What the list and the rail say about a conversation. */
export function conversationStatus(conversation: Conversation): ConversationStatus {
  const words = text.conversations.status;
  if (conversation.interruption !== null || conversation.runtime === 'crashed')
    return { label: words.crashed, dot: 'danger' };
  if (conversation.pendingApprovals > 0) return { label: words.waiting, dot: 'warn' };
  if (conversation.runtime === 'starting') return { label: words.starting, dot: 'busy' };
  if (conversation.runtime === 'stopped') return { label: words.stopped, dot: '' };
  if (conversation.pause !== null) return { label: words.paused, dot: 'warn' };
  return isWorking(conversation) ? { label: words.running, dot: 'busy' } : { label: words.idle, dot: 'ok' };
}

/** The dot before a conversation's title. */
export function ConversationDot({ conversation }: { readonly conversation: Conversation }): ReactNode {
  return <span className={`dot ${conversationStatus(conversation).dot}`} aria-hidden />;
}
