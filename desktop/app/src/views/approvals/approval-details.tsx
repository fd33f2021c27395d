import type { PendingApproval } from '@steward/contracts';
import { ShieldAlert, ShieldCheck, ShieldQuestion } from 'lucide-react';
import type { ReactNode } from 'react';
import { text } from '../../text/catalogue.ts';
import { reasonSentence } from '../../text/reasons.ts';
import { Emphasised } from '../../ui/emphasised.tsx';
import { markRisky } from './risky-parts.ts';
import { subjectParts } from './subject.ts';

const risks = {
  low: { Icon: ShieldCheck, tone: 'ok' },
  medium: { Icon: ShieldQuestion, tone: 'warn' },
  high: { Icon: ShieldAlert, tone: 'danger' },
};

/** Risk in word, shape and colour. */
export function RiskBadge({ level }: { readonly level: PendingApproval['riskLevel'] }): ReactNode {
  const { Icon, tone } = risks[level];
  return (
    <span className={`badge ${tone}`} data-testid="risk">
      <Icon size={13} aria-hidden />
      {text.approval.risk[level]}
    </span>
  );
}

/** The exact action, where it acts, why it asks, and what could be undone. */
export function ApprovalDetails({
  approval,
  folder,
}: {
  readonly approval: PendingApproval;
  readonly folder: string | null;
}): ReactNode {
  const risky = approval.subject.riskyParts ?? [];
  const reasons = [...new Set(approval.reasonCodes.map(reasonSentence))].join(' ');
  const rule = approval.ruleTitle ?? approval.ruleId;
  return (
    <div className="approval-details">
      {subjectParts(approval).map((part) => (
        <div key={part.label} className="approval-subject">
          <span className="small soft">{part.label}</span>
          <pre tabIndex={0} role="group" aria-label={part.label} data-testid="approval-subject">
            {part.isDiff ? (
              <DiffText diff={part.value} />
            ) : (
              markRisky(part.value, risky).map((piece, index) =>
                piece.risky ? <mark key={index}>{piece.text}</mark> : <span key={index}>{piece.text}</span>,
              )
            )}
          </pre>
        </div>
      ))}
      <dl className="facts">
        <dt>{text.approval.folder}</dt>
        <dd className="mono">{approval.subject.cwd ?? folder ?? text.titleBar.generalChat}</dd>
        <dt>{text.approval.why}</dt>
        <dd data-testid="approval-why">
          {approval.explanation === undefined ? reasons : <Emphasised source={approval.explanation} />}
          {rule !== undefined && approval.explanation?.includes(rule) !== true ? (
            <span className="approval-rule">{text.approval.rulePolicy(rule, approval.policyName ?? '')}</span>
          ) : null}
        </dd>
        <dt>{text.approval.undo}</dt>
        <dd>{approval.undo ?? (approval.reversible === true ? text.approval.canUndo : text.approval.noUndo)}</dd>
      </dl>
      <details className="small soft">
        <summary>{text.approval.technical}</summary>
        <pre className="value">
          {approval.details.toolName} {approval.reasonCodes.join(' ')}
          {'\n'}
          {text.approval.actionDigest}: {approval.actionDigest}
          {'\n'}
          {JSON.stringify(approval.details.arguments, null, 2)}
        </pre>
      </details>
    </div>
  );
}

function DiffText({ diff }: { readonly diff: string }): ReactNode {
  return diff.split('\n').map((line, index) => (
    <span key={index} className={line.startsWith('+') ? 'line-added' : line.startsWith('-') ? 'line-removed' : ''}>
      {line}
      {'\n'}
    </span>
  ));
}
