import './conversation.css';
import { lazy, Suspense, useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { openFeed, reloadFeed } from '../../state/app-runtime.ts';
import { navigate, useAppStore } from '../../state/app-store.ts';
import { conversationOf } from '../../state/selectors.ts';
import { text } from '../../text/catalogue.ts';
import { Button } from '../../ui/button.tsx';
import { Empty, Failure } from '../../ui/states.tsx';
import { ApprovalSheet } from '../approvals/approval-sheet.tsx';
import { Composer } from './composer.tsx';
import { ConversationBanner } from './conversation-banner.tsx';
import { ProgressLine } from './progress-line.tsx';
import { LoadingThread } from './rows.tsx';
import { Thread } from './thread.tsx';
import { TrustBanner } from './trust-banner.tsx';
import { TitleBar } from './title-bar.tsx';

const PatchPane = lazy(() => import('../patch/patch-pane.tsx').then((module) => ({ default: module.PatchPane })));

/** One live conversation, with its changes beside it when asked for. */
export function ConversationView({
  sessionId,
  patch,
}: {
  readonly sessionId: string;
  readonly patch: boolean;
}): ReactNode {
  const exists = useAppStore((state) => conversationOf(state, sessionId) !== null);
  const load = useAppStore((state) => state.loads[sessionId]);
  const loaded = useAppStore((state) => (state.threads[sessionId]?.lastSeq ?? 0) > 0);
  const approvals = useAppStore((state) => state.threads[sessionId]?.approvals.length ?? 0);
  const wasOpen = useRef(patch);
  useEffect(() => {
    if (exists) openFeed(sessionId);
  }, [exists, sessionId]);
  useEffect(() => {
    if (wasOpen.current && !patch) document.querySelector<HTMLElement>('[data-testid="open-changes"]')?.focus();
    wasOpen.current = patch;
  }, [patch]);

  if (!exists) {
    return (
      <Empty centred title={text.conversations.empty} hint={text.conversations.emptyHint}>
        <Button onPress={() => navigate({ view: 'conversations' })}>{text.rail.conversations}</Button>
      </Empty>
    );
  }
  return (
    <div className={`conversation-split${patch ? ' with-detail' : ''}`}>
      <div className="conversation">
        <TitleBar sessionId={sessionId} />
        {load?.state === 'failed' && !loaded && load.error ? (
          <div className="thread-place">
            <Failure title={text.conversation.loadFailed} error={load.error} onRetry={() => reloadFeed(sessionId)} />
          </div>
        ) : load === undefined || (load.state === 'loading' && !loaded) ? (
          <LoadingThread />
        ) : (
          <Thread sessionId={sessionId} />
        )}
        <div className="dock">
          <ConversationBanner sessionId={sessionId} />
          <TrustBanner sessionId={sessionId} />
          <ProgressLine sessionId={sessionId} />
          <div className="dock-foot">
            <div inert={approvals > 0}>
              <Composer sessionId={sessionId} />
            </div>
            <ApprovalSheet sessionId={sessionId} />
          </div>
        </div>
      </div>
      {patch ? (
        <Suspense fallback={<aside className="detail" aria-label={text.patch.title} />}>
          <PatchPane sessionId={sessionId} />
        </Suspense>
      ) : null}
    </div>
  );
}
