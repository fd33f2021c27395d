import { EllipsisVertical, FileDiff, RotateCcw, X } from 'lucide-react';
import type { PolicyStatus, SandboxState } from '@steward/contracts';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { formatCount, formatTokens } from '../../format/numbers.ts';
import { baseName } from '../../format/paths.ts';
import { closeConversation } from '../../state/actions.ts';
import { navigate, useAppStore } from '../../state/app-store.ts';
import { latestUsage } from '../../state/usage.ts';
import { conversationOf } from '../../state/selectors.ts';
import { text } from '../../text/catalogue.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Hint } from '../../ui/hint.tsx';
import { Menu } from '../../ui/menu.tsx';
import { Ago } from '../../ui/time.tsx';
import { RailToggle } from '../frame/view-bar.tsx';
import { RewindDialog } from './rewind-dialog.tsx';

/** Where the conversation runs, with which model, under which policy, and what it has used. */
export function TitleBar({ sessionId }: { readonly sessionId: string }): ReactNode {
  const conversation = useAppStore((state) => conversationOf(state, sessionId));
  const threadPolicy = useAppStore((state) => state.threads[sessionId]?.policy ?? null);
  const route = useAppStore((state) => state.route);
  const [rewinding, setRewinding] = useState(false);
  if (!conversation) return null;
  const patchOpen = route.view === 'conversation' && route.patch;
  const policy = conversation.policy ?? threadPolicy;
  const workspace = conversation.projectDir === null ? text.titleBar.generalChat : baseName(conversation.projectDir);
  return (
    <header className="title-bar" data-testid="title-bar">
      <RailToggle />
      <div className="title-bar-names">
        {workspace === conversation.title ? null : (
          <span
            className="small soft truncate"
            title={conversation.projectDir ?? undefined}
            data-testid="workspace-name"
          >
            {workspace}
          </span>
        )}
        <h1 className="truncate" title={conversation.title}>
          {conversation.title}
        </h1>
      </div>
      <div className="title-bar-facts">
        <span className="title-fact" data-testid="model">
          <span className="truncate">{conversation.model}</span>
          {conversation.demoModel ? (
            <Hint hint={text.titleBar.demoModelWhy} className="badge accent">
              {text.titleBar.demoModel}
            </Hint>
          ) : null}
        </span>
        {policy ? <PolicyFact policy={policy} sandbox={conversation.sandbox} /> : null}
        <TokenFact sessionId={sessionId} />
        {conversation.outbox && conversation.outbox.waiting > 0 ? (
          <span className="badge warn" data-testid="outbox">
            {text.titleBar.outbox(conversation.outbox.waiting)}
            {conversation.outbox.lastSentAt === undefined ? null : (
              <>
                {text.titleBar.lastSent} <Ago iso={conversation.outbox.lastSentAt} />
              </>
            )}
          </span>
        ) : null}
      </div>
      <Button
        small
        data-testid="open-changes"
        aria-pressed={patchOpen}
        icon={<FileDiff size={14} aria-hidden />}
        onPress={() => navigate({ view: 'conversation', sessionId, patch: !patchOpen })}
      >
        {text.titleBar.changes}
      </Button>
      <Menu
        label={text.titleBar.more}
        trigger={<IconButton small label={text.titleBar.more} icon={<EllipsisVertical size={16} />} />}
        entries={[
          {
            id: 'rewind',
            label: text.rewind.open,
            icon: <RotateCcw size={14} aria-hidden />,
            onAction: () => setRewinding(true),
          },
          {
            id: 'close',
            label: text.titleBar.closeConversation,
            icon: <X size={14} aria-hidden />,
            onAction: () => void closeConversation(sessionId),
          },
        ]}
      />
      {rewinding ? <RewindDialog sessionId={sessionId} onClose={() => setRewinding(false)} /> : null}
    </header>
  );
}

function PolicyFact({
  policy,
  sandbox,
}: {
  readonly policy: PolicyStatus;
  readonly sandbox: SandboxState | null;
}): ReactNode {
  const stopped = policy.killSwitch === true;
  const tone = stopped
    ? 'danger'
    : { active: 'ok', grace: 'warn', expired: 'danger', invalid: 'danger', absent: 'danger' }[policy.state];
  const words = stopped ? text.titleBar.killSwitch : text.titleBar.policyStates[policy.state];
  const unwalled = sandbox?.kind === 'none' ? `; ${text.titleBar.noSandbox(sandbox.reason ?? '')}` : '';
  const hint = `${text.titleBar.policy} “${policy.policyName}” v${policy.policyBundleVersion}, ${words}${unwalled}`;
  return (
    <span data-testid="policy" className="title-fact">
      <Hint hint={hint} className="title-fact">
        <span className={`dot ${tone}`} aria-hidden />
        <span className="truncate">{policy.policyName}</span>
        {policy.state !== 'active' || stopped ? <span className="soft">{words}</span> : null}
      </Hint>
    </span>
  );
}

function TokenFact({ sessionId }: { readonly sessionId: string }): ReactNode {
  const fromThread = useAppStore((state) => state.threads[sessionId]?.usage ?? null);
  const fromHost = useAppStore((state) => conversationOf(state, sessionId)?.usage ?? null);
  const usage = latestUsage(fromThread, fromHost);
  if (!usage) return null;
  const { sessionTokensUsed: used, maxSessionTokens: max } = usage;
  return (
    <span
      className="title-fact soft"
      data-testid="token-use"
      title={max > 0 ? text.titleBar.tokensExact(formatCount(used), formatCount(max)) : undefined}
    >
      {max > 0
        ? text.titleBar.tokens(formatTokens(used), formatTokens(max))
        : text.titleBar.tokensOnly(formatTokens(used))}
    </span>
  );
}
