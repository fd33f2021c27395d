import { useMemo } from 'react';
import { host } from '../../state/app-runtime.ts';
import { useAppStore } from '../../state/app-store.ts';
import { continuedItems } from '../../state/continued-items.ts';
import { conversationOf } from '../../state/selectors.ts';
import type { ThreadItem } from '../../state/thread.ts';
import { useQuery } from '../../ui/use-query.ts';

/** What a continued conversation shows of the one before; `items` is empty for a new one and while it is loaded. */
export interface Continued {
  readonly items: readonly ThreadItem[];
  readonly loading: boolean;
  /** Asks for the earlier messages once more. */
  readonly reload: () => void;
}

/** The thread that a continued conversation began with. */
export function useContinuedItems(sessionId: string): Continued {
  const from = useAppStore((state) => conversationOf(state, sessionId)?.continuedFrom ?? null);
  const workspaceId = useAppStore((state) => conversationOf(state, sessionId)?.workspaceId ?? '');
  const startedAt = useAppStore((state) => conversationOf(state, sessionId)?.startedAt ?? '');
  const at = useAppStore((state) => conversationOf(state, sessionId)?.continuedAt);
  const { data, error, loading, reload } = useQuery(from, () =>
    host().call('getHistory', { workspaceId, sessionId: from ?? '' }),
  );
  const messages = data?.messages ?? null;
  const failed = error !== null;
  const items = useMemo(() => continuedItems({ messages, failed, at, startedAt }), [messages, failed, at, startedAt]);
  return { items, loading, reload };
}
