import type { RewindFile, RewindPlan } from '@steward/contracts';
import type { ReactNode } from 'react';
import { text } from '../../text/catalogue.ts';
import { Switch } from '../../ui/controls.tsx';

const t = text.rewind;

/** What a return does to files, and what it can't undo, before anybody confirms it. */
export function RewindPlanView(props: {
  readonly plan: RewindPlan;
  readonly force: boolean;
  readonly onForce: (force: boolean) => void;
}): ReactNode {
  const { plan, force, onForce } = props;
  const changedSince = plan.files.some((file) => file.state === 'changed_since');
  return (
    <div className="stack rewind-plan" data-testid="rewind-plan">
      <p className="small">{t.messagesRemoved(plan.messagesRemoved)}</p>
      <section className="stack" aria-label={t.files}>
        <h3>{t.files}</h3>
        {plan.files.length === 0 ? <p className="small soft">{t.noFiles}</p> : null}
        <ul>
          {plan.files.map((file) => (
            <li key={file.path} className="row small">
              <code className="truncate">{file.path}</code>
              <span className="soft">{fateOf(file, force)}</span>
            </li>
          ))}
        </ul>
        {changedSince ? <Switch label={t.force} isSelected={force} onChange={onForce} /> : null}
      </section>
      <section className="stack" aria-label={t.irreversible}>
        <h3>{t.irreversible}</h3>
        {plan.irreversible.length === 0 ? <p className="small soft">{t.noIrreversible}</p> : null}
        <ul>
          {plan.irreversible.map((effect) => (
            <li key={effect.toolCallId} className="small" data-testid="irreversible">
              {effect.summary}
              {effect.unknown ? <span className="soft"> ({t.unknown})</span> : null}
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}

function fateOf({ action, state }: RewindFile, force: boolean): string {
  if (state === 'changed_since' && force) return t.forced;
  return state === 'ready' ? t.actions[action] : t.states[state];
}
