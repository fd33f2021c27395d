import './approvals.css';
import { Inbox } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { decide } from '../../state/actions.ts';
import { navigate, useAppStore } from '../../state/app-store.ts';
import { inboxOf } from '../../state/selectors.ts';
import type { InboxEntry } from '../../state/selectors.ts';
import { text } from '../../text/catalogue.ts';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/states.tsx';
import { Ago } from '../../ui/time.tsx';
import { isTyping } from '../frame/use-shortcuts.ts';
import { ViewBar } from '../frame/view-bar.tsx';
import { ApprovalActions } from './approval-actions.tsx';
import { ApprovalDetails, RiskBadge } from './approval-details.tsx';
import { answerable } from './answerable.ts';

/** Pending approvals of every open conversation: the list, and the exact action beside it. */
export function InboxView(): ReactNode {
  const snapshot = useAppStore((state) => state.snapshot);
  const threads = useAppStore((state) => state.threads);
  const remoteApprovals = useAppStore((state) => state.remoteApprovals);
  const connection = useAppStore((state) => state.connection);
  const entries = useMemo(() => inboxOf({ snapshot, threads, remoteApprovals }), [snapshot, threads, remoteApprovals]);
  const [chosenId, setChosenId] = useState<string | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const chosen = Math.max(
    0,
    entries.findIndex((entry) => entry.approval.approvalId === chosenId),
  );
  const entry = entries[chosen];

  useEffect(() => {
    if (document.activeElement === document.body)
      list.current?.querySelector<HTMLElement>('[aria-current="true"]')?.focus();
  }, [entries.length]);

  const onKey = (event: KeyboardEvent): void => {
    if (!entry || isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const move = (by: number): void => {
      const next = Math.min(entries.length - 1, Math.max(0, chosen + by));
      setChosenId(entries[next]?.approval.approvalId ?? null);
      list.current?.querySelectorAll('button')[next]?.focus();
    };
    const { approval } = entry;
    const allowed = answerable(approval, connection, entry.conversation) === null;
    const keys: Record<string, () => void> = {
      j: () => move(1),
      k: () => move(-1),
      // High risk is never approved by one key; its button is.
      ...(allowed && approval.riskLevel !== 'high'
        ? { a: () => void decide(approval, 'approved', { scope: 'once' }) }
        : {}),
      ...(allowed ? { d: () => void decide(approval, 'denied'), h: () => void decide(approval, 'held') } : {}),
    };
    const run = keys[event.key];
    if (!run) return;
    event.preventDefault();
    run();
  };

  return (
    <div className="view" onKeyDown={onKey}>
      <ViewBar title={text.inbox.title}>
        {entries.length > 0 ? <span className="small soft inbox-keys">{text.inbox.keys}</span> : null}
      </ViewBar>
      {entry ? (
        <div className="inbox">
          <ul ref={list} className="inbox-list" aria-label={text.inbox.list}>
            {entries.map((other, index) => (
              <li key={other.approval.approvalId}>
                <InboxRow
                  entry={other}
                  current={index === chosen}
                  onChoose={() => setChosenId(other.approval.approvalId)}
                />
              </li>
            ))}
          </ul>
          <section className="inbox-detail" aria-label={entry.approval.title}>
            <div className="row">
              <h2 className="grow">{entry.approval.title}</h2>
              <RiskBadge level={entry.approval.riskLevel} />
            </div>
            {entry.approval.actionSummary !== entry.approval.title ? <p>{entry.approval.actionSummary}</p> : null}
            <ApprovalDetails approval={entry.approval} folder={entry.conversation.projectDir} />
            <ApprovalActions key={entry.approval.approvalId} approval={entry.approval} />
            <div>
              <Button
                small
                tone="quiet"
                onPress={() =>
                  navigate({ view: 'conversation', sessionId: entry.conversation.sessionId, patch: false })
                }
              >
                {text.inbox.openConversation}
              </Button>
            </div>
          </section>
        </div>
      ) : (
        <Empty centred icon={<Inbox size={28} aria-hidden />} title={text.inbox.empty} hint={text.inbox.emptyHint} />
      )}
    </div>
  );
}

function InboxRow({
  entry,
  current,
  onChoose,
}: {
  readonly entry: InboxEntry;
  readonly current: boolean;
  readonly onChoose: () => void;
}): ReactNode {
  return (
    <button
      className="inbox-row"
      aria-current={current ? 'true' : undefined}
      onClick={onChoose}
      onFocus={onChoose}
      data-testid="inbox-row"
    >
      <span className="truncate">{entry.approval.title}</span>
      <span className="row small soft">
        <RiskBadge level={entry.approval.riskLevel} />
        <span className="truncate grow">{entry.conversation.title}</span>
        <Ago iso={entry.approval.createdAt} />
      </span>
    </button>
  );
}
