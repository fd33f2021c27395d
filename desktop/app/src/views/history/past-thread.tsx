import { ArrowLeft, CornerDownRight } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { HistorySession } from '@steward/desktop-host/contract';
import { Virtualizer } from 'virtua';
import { openConversation } from '../../state/actions.ts';
import { host } from '../../state/app-runtime.ts';
import { navigate, useAppStore } from '../../state/app-store.ts';
import { toRows } from '../../state/rows.ts';
import { conversationOf } from '../../state/selectors.ts';
import { itemsFromMessages } from '../../state/thread-from-history.ts';
import { text } from '../../text/catalogue.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Empty, Failure, Skeleton } from '../../ui/states.tsx';
import { useQuery } from '../../ui/use-query.ts';
import { RowView } from '../conversation/rows.tsx';
import { ThreadContext } from '../conversation/thread-context.ts';

/** A saved conversation, read only, and the way to continue it. */
export function PastThread(props: {
  readonly workspaceId: string;
  readonly sessionId: string;
  readonly session: HistorySession | null;
  readonly folder: string | null;
}): ReactNode {
  const { workspaceId, sessionId } = props;
  const live = useAppStore((state) => conversationOf(state, sessionId) !== null);
  const saved = props.session === null || props.session.hasHistory;
  const { data, error, reload } = useQuery(saved ? `history:${sessionId}` : null, () =>
    host().call('getHistory', { workspaceId, sessionId }),
  );
  const rows = useMemo(() => toRows(itemsFromMessages(data?.messages ?? [])), [data]);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [busy, setBusy] = useState(false);
  const scroller = useRef<HTMLDivElement>(null);
  const context = useMemo(
    () => ({
      sessionId: null,
      folder: props.folder,
      isOpen: (id: string) => open.has(id),
      toggle: (id: string) =>
        setOpen((before) =>
          before.has(id) ? new Set([...before].filter((other) => other !== id)) : new Set([...before, id]),
        ),
    }),
    [props.folder, open],
  );
  const go = async (): Promise<void> => {
    if (live) {
      navigate({ view: 'conversation', sessionId, patch: false });
      return;
    }
    setBusy(true);
    await openConversation({ projectDir: props.folder, workspaceId, continueFromSessionId: sessionId });
    setBusy(false);
  };
  return (
    <>
      <header className="history-head">
        <span className="history-back">
          <IconButton
            small
            label={text.history.sessions}
            icon={<ArrowLeft size={16} />}
            onPress={() => navigate({ view: 'history', workspaceId, sessionId: null })}
          />
        </span>
        <h2 className="grow truncate">{data?.title ?? (props.session?.title || text.history.untitled)}</h2>
        <span className="badge">{text.history.readOnly}</span>
        <Button
          small
          tone="primary"
          isDisabled={busy || (!live && data === null)}
          icon={<CornerDownRight size={14} aria-hidden />}
          onPress={() => void go()}
        >
          {live ? text.history.openLive : text.history.continue}
        </Button>
      </header>
      {error ? <Failure title={text.history.failed} error={error} onRetry={reload} /> : null}
      {!saved ? <Empty title={text.history.notSaved} /> : null}
      {saved && data === null && error === null ? <Skeleton /> : null}
      {data ? (
        <div
          ref={scroller}
          className="thread"
          role="region"
          aria-label={text.history.readOnly}
          tabIndex={0}
          data-focus-home
          data-testid="past-thread"
        >
          <div className="thread-content">
            <ThreadContext value={context}>
              <Virtualizer data={rows} scrollRef={scroller} bufferSize={600}>
                {(row, index) => <RowView key={row.key} row={row} first={index === 0} />}
              </Virtualizer>
            </ThreadContext>
            <p className="small soft history-note">
              {text.history.copied} {live ? '' : text.history.continueHint}
            </p>
          </div>
        </div>
      ) : null}
    </>
  );
}
