import './approvals.css';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import type { PendingApproval } from '@steward/contracts';
import { useAppStore } from '../../state/app-store.ts';
import { conversationOf } from '../../state/selectors.ts';
import { text } from '../../text/catalogue.ts';
import { IconButton } from '../../ui/button.tsx';
import { isTyping } from '../frame/use-shortcuts.ts';
import { ApprovalActions } from './approval-actions.tsx';
import { ApprovalDetails, RiskBadge } from './approval-details.tsx';

const none: readonly PendingApproval[] = [];

/** The pending approvals of a conversation as a stack over the composer, one at a time, walked by j and k. */
export function ApprovalSheet({ sessionId }: { readonly sessionId: string }): ReactNode {
  const approvals = useAppStore((state) => state.threads[sessionId]?.approvals ?? none);
  const folder = useAppStore((state) => conversationOf(state, sessionId)?.projectDir ?? null);
  const [shownId, setShownId] = useState<string | null>(null);
  const sheet = useRef<HTMLElement>(null);
  const index = Math.max(
    0,
    approvals.findIndex((approval) => approval.approvalId === shownId),
  );
  const approval = approvals[index];
  const present = approval !== undefined;

  // The composer below can't be used meanwhile, so its focus comes to the sheet as a whole, never to a button that a
  // key press meant for the message could trigger. Afterwards it goes back.
  useEffect(() => {
    if (!present) return undefined;
    const before = document.activeElement;
    const lost =
      before === null || before === document.body || before.id === 'composer' || before.closest('[inert]') !== null;
    if (lost) sheet.current?.focus();
    return () => {
      requestAnimationFrame(() => {
        if (document.activeElement === null || document.activeElement === document.body)
          document.getElementById('composer')?.focus();
      });
    };
  }, [present]);

  if (!approval) return null;
  const walk = (by: number): void =>
    setShownId(approvals[(index + by + approvals.length) % approvals.length]?.approvalId ?? null);
  const onKey = (event: KeyboardEvent): void => {
    if (isTyping(event.target) || approvals.length < 2) return;
    if (event.key === 'j' || event.key === 'ArrowDown') walk(1);
    else if (event.key === 'k' || event.key === 'ArrowUp') walk(-1);
    else return;
    event.preventDefault();
  };
  return (
    <section
      ref={sheet}
      className={`sheet ${approval.riskLevel}`}
      role="dialog"
      aria-modal="false"
      aria-label={text.approval.announce(approval.title)}
      tabIndex={-1}
      onKeyDown={onKey}
      data-testid="approval-sheet"
    >
      <header className="sheet-head">
        <h2 className="grow">{approval.title}</h2>
        <RiskBadge level={approval.riskLevel} />
        {approvals.length > 1 ? (
          <span className="row">
            <IconButton
              small
              label={text.approval.previous}
              icon={<ChevronLeft size={14} />}
              onPress={() => walk(-1)}
            />
            <span className="small soft">{text.approval.sheetMany(index + 1, approvals.length)}</span>
            <IconButton small label={text.approval.next} icon={<ChevronRight size={14} />} onPress={() => walk(1)} />
          </span>
        ) : null}
      </header>
      <div className="sheet-body">
        {approval.actionSummary !== approval.title ? <p>{approval.actionSummary}</p> : null}
        <ApprovalDetails approval={approval} folder={folder} />
      </div>
      <ApprovalActions key={approval.approvalId} approval={approval} />
      <span className="visually-hidden" role="alert">
        {text.approval.announce(approval.title)}
      </span>
    </section>
  );
}
