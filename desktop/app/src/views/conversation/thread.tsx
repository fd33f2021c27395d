import { ArrowDown } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { Virtualizer } from 'virtua';
import { useAppStore } from '../../state/app-store.ts';
import { toRows } from '../../state/rows.ts';
import type { ThreadItem } from '../../state/thread.ts';
import { conversationOf } from '../../state/selectors.ts';
import { text } from '../../text/catalogue.ts';
import { Button } from '../../ui/button.tsx';
import { LiveMessage } from './live-message.tsx';
import { EmptyThread, LoadingThread, RowView } from './rows.tsx';
import { ThreadContext } from './thread-context.ts';
import { useContinuedItems } from './use-continued-items.ts';
import type { Continued } from './use-continued-items.ts';
import { useStickToEnd } from './use-stick-to-end.ts';

const noItems: readonly ThreadItem[] = [];

/** The messages and tool cards of a live conversation, or the way to its first one. */
export function Thread({ sessionId }: { readonly sessionId: string }): ReactNode {
  const items = useAppStore((state) => state.threads[sessionId]?.items ?? noItems);
  const working = useAppStore((state) => state.threads[sessionId]?.task?.running === true);
  const continued = useContinuedItems(sessionId);
  const empty = items.length === 0 && continued.items.length === 0 && !working;
  if (!empty) return <Messages sessionId={sessionId} items={items} continued={continued} />;
  return continued.loading ? <LoadingThread /> : <EmptyThread sessionId={sessionId} />;
}

/** The rows of a thread. Only what is on screen is drawn. */
function Messages(props: {
  readonly sessionId: string;
  readonly items: readonly ThreadItem[];
  readonly continued: Continued;
}): ReactNode {
  const { sessionId, items } = props;
  const { items: continued, reload: reloadContinued } = props.continued;
  const liveId = useAppStore((state) => state.threads[sessionId]?.live?.messageId ?? null);
  const folder = useAppStore((state) => conversationOf(state, sessionId)?.projectDir ?? null);
  const rows = useMemo(() => toRows(continued.length > 0 ? [...continued, ...items] : items), [continued, items]);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const stick = useStickToEnd(scroller, content);
  const { release, toEnd } = stick;
  const promptId = useMemo(() => items.findLast((item) => item.kind === 'user')?.id, [items]);
  const newestId = items.at(-1)?.id ?? null;
  const [seenId, setSeenId] = useState(newestId);

  useEffect(() => {
    if (stick.atEnd) setSeenId(newestId);
  }, [stick.atEnd, newestId]);

  // Whoever sends a prompt wants to see what becomes of it.
  useEffect(toEnd, [toEnd, promptId]);

  const context = useMemo(
    () => ({
      sessionId,
      folder,
      isOpen: (id: string) => open.has(id),
      toggle: (id: string) => {
        release();
        setOpen((before) =>
          before.has(id) ? new Set([...before].filter((other) => other !== id)) : new Set([...before, id]),
        );
      },
      reloadContinued,
    }),
    [sessionId, folder, open, release, reloadContinued],
  );
  const showEnd = (): void => {
    toEnd();
    scroller.current?.focus();
  };
  const drawn = liveId === null ? rows : [...rows, null];
  return (
    <div className="thread-place">
      <div
        ref={scroller}
        className="thread"
        role="region"
        aria-label={text.conversation.thread}
        tabIndex={0}
        data-focus-home
        data-testid="thread"
      >
        <div ref={content} className="thread-content">
          <ThreadContext value={context}>
            <Virtualizer data={drawn} scrollRef={scroller} bufferSize={600}>
              {(row, index) =>
                row === null ? (
                  <LiveMessage key={`live:${liveId}`} sessionId={sessionId} />
                ) : (
                  <RowView key={row.key} row={row} first={index === 0} />
                )
              }
            </Virtualizer>
          </ThreadContext>
        </div>
      </div>
      {!stick.atEnd && (seenId !== newestId || liveId !== null) ? (
        <div className="new-pill">
          <Button small icon={<ArrowDown size={14} aria-hidden />} onPress={showEnd}>
            {text.conversation.newPill}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
