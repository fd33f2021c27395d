import type { PendingApproval } from '@steward/contracts';
import { ChevronDown } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { formatClock } from '../../format/time.ts';
import { decide } from '../../state/actions.ts';
import { useAppStore } from '../../state/app-store.ts';
import { conversationOf } from '../../state/selectors.ts';
import { text } from '../../text/catalogue.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { useNow } from '../../ui/time.tsx';
import { answerable } from './answerable.ts';

/** Deny with a reason, approve once, and the wider answers that the policy permits. Nothing here is focused by itself. */
export function ApprovalActions({ approval }: { readonly approval: PendingApproval }): ReactNode {
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const connection = useAppStore((state) => state.connection);
  const conversation = useAppStore((state) => conversationOf(state, approval.sessionId));
  const refusal = answerable(approval, connection, conversation);
  const answer = async (run: () => Promise<boolean>): Promise<void> => {
    setBusy(true);
    await run();
    setBusy(false);
  };
  const approve = (scope: 'once' | 'task' | 'session') => () =>
    void answer(() => decide(approval, 'approved', { scope }));
  const disabled = busy || refusal !== null;
  const wider = [
    ...(approval.allowedScopes.includes('task')
      ? [{ id: 'task', label: text.approval.approveTask, onAction: approve('task') }]
      : []),
    ...(approval.allowedScopes.includes('session')
      ? [{ id: 'session', label: text.approval.approveSession, onAction: approve('session') }]
      : []),
    ...(approval.status === 'held'
      ? []
      : [{ id: 'hold', label: text.approval.hold, onAction: () => void answer(() => decide(approval, 'held')) }]),
  ];
  return (
    <div className="approval-actions">
      <Clock approval={approval} />
      <input
        className="input grow"
        aria-label={text.approval.reason}
        placeholder={text.approval.reason}
        value={reason}
        maxLength={2000}
        onChange={(event) => setReason(event.target.value)}
      />
      <Button
        tone="danger"
        isDisabled={disabled}
        onPress={() =>
          void answer(() => decide(approval, 'denied', reason.trim() === '' ? {} : { reason: reason.trim() }))
        }
      >
        {text.approval.deny}
      </Button>
      <span className="button-group">
        <Button tone="primary" isDisabled={disabled} onPress={approve('once')}>
          {text.approval.approveOnce}
        </Button>
        {wider.length > 0 ? (
          <Menu
            label={text.approval.more}
            trigger={
              <IconButton
                tone="primary"
                label={text.approval.more}
                icon={<ChevronDown size={16} />}
                isDisabled={disabled}
              />
            }
            entries={wider}
          />
        ) : null}
      </span>
      {refusal !== null ? <p className="small soft approval-refusal">{refusal}</p> : null}
    </div>
  );
}

function Clock({ approval }: { readonly approval: PendingApproval }): ReactNode {
  const now = useNow(1000);
  const left = Date.parse(approval.expiresAt) - now;
  const words =
    approval.status === 'held'
      ? text.approval.held
      : left <= 0
        ? text.approval.expired
        : text.approval.timeLeft(formatClock(left));
  return (
    <span
      className={`small ${left < 60_000 && approval.status !== 'held' ? 'removed' : 'soft'}`}
      data-testid="approval-timer"
      role="timer"
    >
      {words}
    </span>
  );
}
