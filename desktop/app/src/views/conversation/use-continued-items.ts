import type { ConversationMessage } from '@steward/contracts';
import { useMemo } from 'react';
import { host } from '../../state/app-runtime.ts';
import { useAppStore } from '../../state/app-store.ts';
import { conversationOf } from '../../state/selectors.ts';
import { itemsFromMessages } from '../../state/thread-from-history.ts';
import type { ThreadItem } from '../../state/thread.ts';
import { useQuery } from '../../ui/use-query.ts';

const none: readonly ThreadItem[] = [];

/** The thread that a continued conversation began with, ended by a line that says so; empty for a new one. */
export function useContinuedItems(sessionId: string): readonly ThreadItem[] {
  const from = useAppStore((state) => conversationOf(state, sessionId)?.continuedFrom ?? null);
  const workspaceId = useAppStore((state) => conversationOf(state, sessionId)?.workspaceId ?? '');
  const startedAt = useAppStore((state) => conversationOf(state, sessionId)?.startedAt ?? '');
  const continuedAt = useAppStore((state) => conversationOf(state, sessionId)?.continuedAt);
  const { data } = useQuery(from, () => host().call('getHistory', { workspaceId, sessionId: from ?? '' }));
  return useMemo(() => {
    if (!data) return none;
    return [
      ...itemsFromMessages(data.messages.slice(0, lastTaken(data.messages, continuedAt))),
      { kind: 'notice', id: 'continued', tone: 'info', notice: { type: 'continued' }, at: startedAt },
    ];
  }, [data, startedAt, continuedAt]);
}

function lastTaken(messages: readonly ConversationMessage[], messageId: string | undefined): number {
  if (messageId === undefined) return messages.length;
  return messages.findIndex((message) => message.messageId === messageId) + 1;
}
